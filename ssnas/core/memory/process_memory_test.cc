#include "ssnas/core/memory/process_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace ssnas {
namespace {

constexpr int64_t kMegabyte = 1 << 20;

TEST(ProcessMemoryTest, SeesWhatIsTouched) {
  constexpr int64_t kSize = 64 * kMegabyte;
  const int64_t before = ResidentBytes();
  ASSERT_GT(before, 0);
  EXPECT_GE(PeakResidentBytes(), before);
  void* const memory =
      mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, kSize);
  // The kernel counts a thread's pages in batches.
  EXPECT_GT(ResidentBytes(), before + kSize - 8 * kMegabyte);
  munmap(memory, kSize);
  EXPECT_LT(ResidentBytes(), before + 8 * kMegabyte);
  EXPECT_GT(PeakResidentBytes(), before + kSize - 8 * kMegabyte);
}

TEST(ProcessMemoryTest, ReadsAFieldInBytes) {
  const std::string path = testing::TempDir() + "/proc_like";
  std::ofstream(path) << "MemTotal:\t  10 kB\nMemFree:  3 kB\nOdd: none\n";
  EXPECT_EQ(ProcFieldBytes(path, "MemFree:"), 3 * 1024);
  EXPECT_EQ(ProcFieldBytes(path, "MemTotal:"), 10 * 1024);
  EXPECT_EQ(ProcFieldBytes(path, "Odd:"), -1);
  EXPECT_EQ(ProcFieldBytes(path, "Mem"), -1);
  EXPECT_EQ(ProcFieldBytes(path + "_missing", "MemFree:"), -1);
}

}  // namespace
}  // namespace ssnas
