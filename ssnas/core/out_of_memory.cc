#include "ssnas/core/out_of_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"

namespace ssnas {
namespace {

// Memory that is there when there is no other.
constexpr size_t kMaxAdvice = 1024;
char advice[kMaxAdvice] = "";

void Print(const char* text) {
  // Nothing is left to do about an error here.
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

[[noreturn]] void Exit() {
  Print("out of memory.\n");
  Print(advice);
  Print("\nWhat was saved is kept: the same command goes on from there.\n");
  _exit(static_cast<int>(ErrorArea::kResources));
}

}  // namespace

void ExitWhenOutOfMemory() { std::set_new_handler(Exit); }

void SetMemoryAdvice(absl::string_view text) {
  const size_t length = std::min(text.size(), kMaxAdvice - 1);
  std::memcpy(advice, text.data(), length);
  advice[length] = '\0';
}

absl::Status ExplainOutOfMemory(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status) || ExitCode(status) != 1) return status;
  return InArea(ErrorArea::kResources,
                absl::ResourceExhaustedError(absl::StrCat(
                    "out of memory: ", status.message(), "\n", advice,
                    "\nWhat was saved is kept: the same command goes on from there.")));
}

}  // namespace ssnas
