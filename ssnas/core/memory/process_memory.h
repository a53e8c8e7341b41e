// How much memory this process has and had, and how much there is left, in bytes, as /proc says.
#ifndef SSNAS_CORE_MEMORY_PROCESS_MEMORY_H_
#define SSNAS_CORE_MEMORY_PROCESS_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ssnas {

// A line "NAME  12 kB" of a file of /proc, in bytes; −1 without one. `name` ends in its colon.
int64_t ProcFieldBytes(const std::string& path, absl::string_view name);

// Resident memory now; 0 where /proc does not say.
int64_t ResidentBytes();
// The largest it was since the start, or since ForgetPeak where the kernel allows that.
int64_t PeakResidentBytes();
void ForgetPeak();

// What programs may still take: MemAvailable of this machine, or what its control group leaves
// where that is less. Pages of files, which the kernel drops when memory is short, count as free in
// both. A large number when neither is known. `root`: of the file system that is asked.
int64_t FreeMemoryBytes(const std::string& root = "");

}  // namespace ssnas

#endif  // SSNAS_CORE_MEMORY_PROCESS_MEMORY_H_
