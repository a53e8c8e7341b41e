#include "ssnas/core/memory/process_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
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

// A tree of files that say how much memory there is.
class FreeMemoryTest : public testing::Test {
 protected:
  FreeMemoryTest() { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ + path).substr(0, (root_ + path).rfind('/')));
    std::ofstream(root_ + path) << text;
  }

  const std::string root_ = testing::TempDir() + "/memory_root";
};

TEST_F(FreeMemoryTest, IsWhatTheMachineHasAvailable) {
  Write("/proc/meminfo", "MemTotal: 4096 kB\nMemFree: 10 kB\nMemAvailable: 2048 kB\n");
  EXPECT_EQ(FreeMemoryBytes(root_), 2 * kMegabyte);
  // A group without a limit.
  Write("/sys/fs/cgroup/memory.max", "max\n");
  Write("/sys/fs/cgroup/memory.current", "1048576\n");
  EXPECT_EQ(FreeMemoryBytes(root_), 2 * kMegabyte);
}

TEST_F(FreeMemoryTest, IsWhatTheGroupLeavesWherePagesOfFilesCanBeDropped) {
  Write("/proc/meminfo", "MemAvailable: 102400 kB\n");
  Write("/sys/fs/cgroup/memory.max", "10485760\n");
  Write("/sys/fs/cgroup/memory.current", "10485760\n");
  EXPECT_EQ(FreeMemoryBytes(root_), 0);
  // As when a large file was read or mapped.
  Write("/sys/fs/cgroup/memory.stat",
        "anon 3145728\nfile 7340032\ninactive_file 5242880\nactive_file 2097152\n");
  EXPECT_EQ(FreeMemoryBytes(root_), 7 * kMegabyte);
}

TEST_F(FreeMemoryTest, IsLargeWhereNobodySays) {
  EXPECT_EQ(FreeMemoryBytes(root_), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace ssnas
