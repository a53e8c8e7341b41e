#include "ssnas/core/memory/process_memory.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "ssnas/core/file.h"

namespace ssnas {
namespace {

// The number after a name at the beginning of a line of a file; −1 without one.
int64_t FieldOf(const std::string& path, absl::string_view name) {
  const auto text = ReadFile(path, 1 << 16);
  if (!text.ok()) return -1;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    int64_t number = 0;
    if (words.size() >= 2 && words[0] == name && absl::SimpleAtoi(words[1], &number)) {
      return number;
    }
  }
  return -1;
}

// Bytes that the control group below `root` leaves; −1 where there is none, or no limit.
int64_t FreeInGroup(const std::string& root) {
  const std::string group = root + "/sys/fs/cgroup/memory.";
  const auto limit = ReadFile(group + "max", 1 << 10), used = ReadFile(group + "current", 1 << 10);
  int64_t limit_bytes = 0, used_bytes = 0;
  if (!limit.ok() || !used.ok() || !absl::SimpleAtoi(*limit, &limit_bytes) ||
      !absl::SimpleAtoi(*used, &used_bytes)) {
    return -1;
  }
  int64_t droppable = 0;
  for (const char* list : {"active_file", "inactive_file"}) {
    droppable += std::max<int64_t>(0, FieldOf(group + "stat", list));
  }
  return std::max<int64_t>(0, limit_bytes - std::max<int64_t>(0, used_bytes - droppable));
}

}  // namespace

int64_t ProcFieldBytes(const std::string& path, absl::string_view name) {
  const int64_t kilobytes = FieldOf(path, name);
  return kilobytes < 0 ? -1 : kilobytes * 1024;
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

int64_t FreeMemoryBytes(const std::string& root) {
  int64_t free = std::numeric_limits<int64_t>::max();
  const int64_t available = ProcFieldBytes(root + "/proc/meminfo", "MemAvailable:");
  if (available >= 0) free = available;
  const int64_t in_group = FreeInGroup(root);
  return in_group < 0 ? free : std::min(free, in_group);
}

}  // namespace ssnas
