// What tests of faults share: a fast empty folder, a child process to kill, every fault at every
// call.
#ifndef SSNAS_CORE_TESTING_FAULT_HARNESS_H_
#define SSNAS_CORE_TESTING_FAULT_HARNESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/core/fail_point.h"

namespace ssnas {

// A new folder, in memory where there is such a file system (a thousand fsyncs take seconds on a
// disk); removed with all that is in it.
class TestFolder {
 public:
  TestFolder();
  TestFolder(const TestFolder&) = delete;
  ~TestFolder();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Exit code of `body` run in a child process, or minus the signal that ended it. What the child
// writes to standard error goes to `error_text` where that is given.
int RunInChild(const std::function<int()>& body, std::string* error_text = nullptr);

struct InjectedFault {
  Fault fault;
  int64_t call;  // from 1
  bool onwards;

  std::string Name() const;  // "enospc@3+"
  bool kills() const { return fault == Fault::kKill; }
  // A write cut short or interrupted, of which nobody may notice anything.
  bool harmless() const { return fault == Fault::kShortWrite || fault == Fault::kInterrupted; }
};

// For each fault and each of the calls that `work` makes: `prepare`, then `work` with that fault
// armed (in a child where it kills), then `check` with what `work` returned (Aborted when it was
// killed).
void ForEveryFault(const std::function<void()>& prepare, const std::function<absl::Status()>& work,
                   const std::function<void(const InjectedFault&, const absl::Status&)>& check);

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_FAULT_HARNESS_H_
