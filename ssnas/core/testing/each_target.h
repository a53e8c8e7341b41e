// A test's body on each instruction set that Highway's dispatch can choose on this CPU.
//
// Example:
//   ForEachTarget([&](const char* name) { SCOPED_TRACE(name); ExpectDefinition(…); });
#ifndef SSNAS_CORE_TESTING_EACH_TARGET_H_
#define SSNAS_CORE_TESTING_EACH_TARGET_H_

#include <hwy/highway.h>

#include <cstdint>

namespace ssnas {

// Best first, scalar code last. Afterwards the best is chosen again.
template <typename Body>
void ForEachTarget(const Body& body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::GetChosenTarget().Update(target);
    body(hwy::TargetName(target));
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_EACH_TARGET_H_
