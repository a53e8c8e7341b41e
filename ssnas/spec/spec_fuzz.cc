// Any text is a spec that resolves, prints and reads the same again, or the user's error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/logging.h"
#include "ssnas/spec/spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto spec = ssnas::LoadSpec(text, "input", {});
  if (!spec.ok()) {
    CHECK_EQ(ssnas::ExitCode(spec.status()), 2) << spec.status();
    return 0;
  }
  const auto resolved = ssnas::ResolveSpec(*spec);
  CHECK(resolved.ok()) << resolved.status();
  const std::string printed = ssnas::PrintSpec(*resolved, /*comments=*/false);
  const auto again = ssnas::LoadSpec(printed, "printed", {});
  CHECK(again.ok()) << again.status();
  CHECK(ssnas::PrintSpec(*ssnas::ResolveSpec(*again), /*comments=*/false) == printed);
  return 0;
}
