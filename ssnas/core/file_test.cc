#include "ssnas/core/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Bytes(size_t count) {
  std::string bytes(count, '\0');
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 131 >> 3);
  return bytes;
}

TEST(File, WhatIsWrittenIsRead) {
  const TestFolder folder;
  for (const size_t count : {size_t{0}, size_t{1}, size_t{65536}, size_t{200001}}) {
    ASSERT_TRUE(WriteFileSynced(folder / "a", Bytes(count)).ok());
    EXPECT_EQ(*ReadFile(folder / "a"), Bytes(count));
    ASSERT_TRUE(WriteFileAtomically(folder / "b", Bytes(count)).ok());
    EXPECT_EQ(*ReadFile(folder / "b", count), Bytes(count));
  }
  EXPECT_THAT(*ListFolder(folder.path()), ElementsAre("a", "b"));
}

TEST(File, ErrorsNameThePathAndTheReason) {
  const TestFolder folder;
  const absl::Status missing = ReadFile(folder / "x").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr(folder / "x"));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("No such file"));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(folder.path()).status()));
  ASSERT_TRUE(WriteFileSynced(folder / "a", Bytes(100)).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(ReadFile(folder / "a", 99).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadFile(folder / "a/b").status()));
  EXPECT_FALSE(MakeFolders(folder / "a").ok());
  EXPECT_FALSE(MakeFolders(folder / "a/b").ok());
  EXPECT_TRUE(absl::IsNotFound(WriteFileAtomically(folder / "no/a", "x")));
}

TEST(File, AFileLargerThanAllowedIsNotRead) {
  const TestFolder folder;
  const int fd = open((folder / "sparse").c_str(), O_CREAT | O_WRONLY, 0666);
  ASSERT_EQ(ftruncate(fd, off_t{1} << 40), 0);
  close(fd);
  EXPECT_TRUE(absl::IsResourceExhausted(ReadFile(folder / "sparse").status()));
  // One that does not tell its size.
  EXPECT_TRUE(absl::IsResourceExhausted(ReadFile("/dev/zero", 1 << 20).status()));
}

TEST(File, FoldersAreMadeAndRemoved) {
  const TestFolder folder;
  ASSERT_TRUE(MakeFolders(folder / "a/b/c").ok());
  ASSERT_TRUE(MakeFolders(folder / "a/b/c/").ok());
  ASSERT_TRUE(WriteFileSynced(folder / "a/b/file", "x").ok());
  ASSERT_TRUE(MakeFolders(folder / "outside").ok());
  ASSERT_TRUE(WriteFileSynced(folder / "outside/kept", "x").ok());
  ASSERT_EQ(symlink((folder / "outside").c_str(), (folder / "a/link").c_str()), 0);
  ASSERT_TRUE(RemoveTree(folder / "a").ok());
  EXPECT_FALSE(PathExists(folder / "a"));
  EXPECT_TRUE(PathExists(folder / "outside/kept"));
  EXPECT_TRUE(RemoveTree(folder / "a").ok());
}

TEST(File, Paths) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(ParentOf("a/b"), "a");
  EXPECT_EQ(ParentOf("b"), ".");
  EXPECT_EQ(ParentOf("/b"), "/");
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(UserPath("runs/a"), "runs/a");
  setenv("BUILD_WORKING_DIRECTORY", "/stood/here", 1);
  EXPECT_EQ(UserPath("runs/a"), "/stood/here/runs/a");
  EXPECT_EQ(UserPath("/runs/a"), "/runs/a");
  EXPECT_EQ(UserPath(""), "");
}

TEST(File, AnAtomicWriteLeavesTheOldOrTheNew) {
  const TestFolder folder;
  const std::string path = folder / "file";
  int old_left = 0, new_left = 0;
  ForEveryFault([&] { ASSERT_TRUE(WriteFileSynced(path, "old").ok()); },
                [&] { return WriteFileAtomically(path, Bytes(1000)); },
                [&](const InjectedFault& fault, const absl::Status& status) {
                  const std::string now = *ReadFile(path);
                  ASSERT_TRUE(now == "old" || now == Bytes(1000));
                  ASSERT_TRUE(!status.ok() || now == Bytes(1000));
                  (now == "old" ? old_left : new_left) += 1;
                  if (!status.ok() && fault.fault == Fault::kNoSpace) {
                    ASSERT_TRUE(absl::IsResourceExhausted(status));
                    ASSERT_EQ(ExitCode(status), 5);
                    ASSERT_THAT(std::string(status.message()), HasSubstr("Free some space"));
                  }
                  if (!status.ok() && !fault.kills() && !fault.onwards) {
                    ASSERT_FALSE(PathExists(path + ".tmp"));
                  }
                });
  EXPECT_GT(old_left, 0);
  EXPECT_GT(new_left, 0);
}

TEST(File, MakingFoldersCanBeDoneAgainAfterAnyFault) {
  const TestFolder folder;
  ForEveryFault([&] { ASSERT_TRUE(RemoveTree(folder / "a").ok()); },
                [&] { return MakeFolders(folder / "a/b/c"); },
                [&](const InjectedFault&, const absl::Status& status) {
                  ASSERT_TRUE(!status.ok() || PathExists(folder / "a/b/c"));
                  ASSERT_TRUE(MakeFolders(folder / "a/b/c").ok());
                });
}

TEST(File, RemovingCanBeDoneAgainAfterAnyFault) {
  const TestFolder folder;
  ForEveryFault(
      [&] {
        ASSERT_TRUE(MakeFolders(folder / "a/b").ok());
        ASSERT_TRUE(WriteFileSynced(folder / "a/b/file", "x").ok());
      },
      [&] { return RemoveTree(folder / "a"); },
      [&](const InjectedFault&, const absl::Status& status) {
        ASSERT_FALSE(status.ok() && PathExists(folder / "a"));
        ASSERT_TRUE(RemoveTree(folder / "a").ok());
      });
}

}  // namespace
}  // namespace ssnas
