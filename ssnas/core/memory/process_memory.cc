#include "ssnas/core/memory/process_memory.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "ssnas/core/file.h"

namespace ssnas {
int64_t ProcFieldBytes(const std::string& path, absl::string_view name) {
  const auto text = ReadFile(path, 1 << 16);
  if (!text.ok()) return -1;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    int64_t kilobytes = 0;
    if (words.size() >= 2 && words[0] == name && absl::SimpleAtoi(words[1], &kilobytes)) {
      return kilobytes * 1024;
    }
  }
  return -1;
}

int64_t ResidentBytes() {
  return std::max<int64_t>(0, ProcFieldBytes("/proc/self/status", "VmRSS:"));
}

int64_t PeakResidentBytes() {
  return std::max<int64_t>(0, ProcFieldBytes("/proc/self/status", "VmHWM:"));
}

void ForgetPeak() {
  // 5: the peak becomes what is resident now (Linux, proc(5)). Where that is not allowed the peak
  // since the start stands, which is the same unless construction needed more than the run.
  if (std::FILE* file = std::fopen("/proc/self/clear_refs", "w"); file != nullptr) {
    std::fputs("5", file);
    std::fclose(file);
  }
}

}  // namespace ssnas
