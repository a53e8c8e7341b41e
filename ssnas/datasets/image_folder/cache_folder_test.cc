#include "ssnas/datasets/image_folder/cache_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

class CacheFolderTest : public ::testing::Test {
 protected:
  // A cache of `bytes`, last used at second `used`.
  void Store(const std::string& id, int bytes, int used) {
    const std::string path = CachePath(root_.path(), id);
    ASSERT_TRUE(MakeFolders(ParentOf(path)).ok());
    ASSERT_TRUE(WriteFileSynced(path, std::string(bytes, 'x')).ok());
    const timespec times[2] = {{.tv_sec = used, .tv_nsec = 0}, {.tv_sec = used, .tv_nsec = 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  bool Has(const std::string& id) const { return PathExists(CachePath(root_.path(), id)); }
  absl::Status Make(uint64_t bytes, uint64_t max_bytes) {
    return MakeRoom(root_.path(), "mine", bytes, max_bytes);
  }

  TestFolder root_;
};

TEST_F(CacheFolderTest, DeletesTheLeastRecentlyUsed) {
  Store("a", 100, 30);
  Store("b", 100, 10);
  Store("c", 100, 20);
  Store("mine", 100, 1);  // is replaced: does not count
  ASSERT_TRUE(MakeFolders(root_ / "not a cache").ok());
  ASSERT_TRUE(WriteFileSynced(root_ / "not a cache/file", "x").ok());
  EXPECT_TRUE(Make(100, 400).ok());
  EXPECT_TRUE(Has("a") && Has("b") && Has("c"));
  EXPECT_TRUE(Make(150, 400).ok());
  EXPECT_TRUE(Has("a") && !Has("b") && Has("c"));
  TouchCache(root_.path(), "c");  // now the most recent
  EXPECT_TRUE(Make(300, 400).ok());
  EXPECT_TRUE(!Has("a") && Has("c"));
  EXPECT_TRUE(Has("mine"));
  EXPECT_TRUE(PathExists(root_ / "not a cache/file"));
}

TEST_F(CacheFolderTest, WhatWasMadeOfACacheCountsAndGoesWithIt) {
  Store("a", 100, 20);
  ASSERT_TRUE(MakeFolders(root_ / "b").ok());
  const std::string begun = CachePath(root_.path(), "b");
  ASSERT_TRUE(WriteFileSynced(begun + ".tmp", std::string(100, 'x')).ok());
  ASSERT_TRUE(WriteFileSynced(begun + ".part", std::string(50, 'x')).ok());
  EXPECT_TRUE(Make(100, 350).ok());
  EXPECT_TRUE(Has("a") && PathExists(begun + ".tmp"));
  EXPECT_TRUE(Make(100, 300).ok());  // "a" is older
  EXPECT_TRUE(!Has("a") && PathExists(begun + ".tmp"));
  EXPECT_TRUE(Make(200, 300).ok());
  EXPECT_FALSE(PathExists(begun + ".tmp") || PathExists(begun + ".part"));
}

TEST_F(CacheFolderTest, DeletesNothingForWhatNeverFits) {
  Store("a", 100, 1);
  const absl::Status status = Make(2'000'000'000, 1'500'000'000);
  EXPECT_TRUE(Has("a"));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ExitCode(status), 5);
  EXPECT_EQ(status.message(),
            "the decoded images take 2 GB, and max_cache_gb is 1.5. Set "
            "dataset.config.max_cache_gb to more, image_size to less, or give a folder with fewer "
            "images.");
}

TEST_F(CacheFolderTest, LeavesWhatIsBeingWritten) {
  Store("a", 100, 1);
  const auto lock = LockCache(root_.path(), "a");
  ASSERT_TRUE(lock.ok()) << lock.status();
  EXPECT_EQ(Make(100, 150).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Has("a"));
}

TEST_F(CacheFolderTest, AFolderThatCannotBeMadeSaysWhatToSet) {
  ASSERT_TRUE(WriteFileSynced(root_ / "file", "x").ok());
  const absl::Status status = LockCache(root_ / "file", "a").status();
  EXPECT_EQ(ExitCode(status), 2);
  EXPECT_NE(status.message().find("Set dataset.config.cache_dir"), absl::string_view::npos);
}

// As where a process has no descriptor left, or a file system no locks.
TEST_F(CacheFolderTest, DoesNotWaitForALockThatNobodyHolds) {
  ASSERT_TRUE(MakeFolders(root_ / "a").ok());
  const int exit_code = RunInChild([&] {
    alarm(30);
    const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) return 2;
    const absl::Status status = LockCache(root_.path(), "a").status();
    return status.code() == absl::StatusCode::kFailedPrecondition ? 0 : 1;
  });
  EXPECT_EQ(exit_code, 0);
}

TEST_F(CacheFolderTest, WaitsUntilItIsStopped) {
  const auto lock = LockCache(root_.path(), "a");
  ASSERT_TRUE(lock.ok()) << lock.status();
  SetShutdownSignal(SIGTERM);
  EXPECT_EQ(LockCache(root_.path(), "a").status().code(), absl::StatusCode::kCancelled);
  SetShutdownSignal(0);
}

TEST_F(CacheFolderTest, KnowsTheUsersCacheFolder) {
  ASSERT_EQ(setenv("HOME", "/u/me", 1), 0);
  ASSERT_EQ(unsetenv("XDG_CACHE_HOME"), 0);
  EXPECT_EQ(CacheRoot("/mine").value(), "/mine");
  EXPECT_EQ(CacheRoot("").value(), "/u/me/.cache/ssnas/images");
  ASSERT_EQ(setenv("XDG_CACHE_HOME", "/fast", 1), 0);
  EXPECT_EQ(CacheRoot("").value(), "/fast/ssnas/images");
  ASSERT_EQ(setenv("XDG_CACHE_HOME", "relative", 1), 0);  // to be ignored, by its specification
  ASSERT_EQ(unsetenv("HOME"), 0);
  EXPECT_EQ(CacheRoot("").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ssnas
