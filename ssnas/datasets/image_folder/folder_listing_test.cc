#include "ssnas/datasets/image_folder/folder_listing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

class FolderListingTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes = "x") {
    ASSERT_TRUE(MakeFolders(ParentOf(folder_ / path)).ok());
    ASSERT_TRUE(WriteFileSynced(folder_ / path, bytes).ok());
  }

  FolderListing List() {
    const auto listing = ListImageFiles(folder_.path());
    EXPECT_TRUE(listing.ok()) << listing.status();
    return listing.value_or(FolderListing());
  }

  static std::vector<std::string> Paths(const FolderListing& listing) {
    std::vector<std::string> paths;
    for (const ImageFile& file : listing.images) paths.push_back(file.path);
    return paths;
  }

  static std::vector<std::string> LeftOut(const FolderListing& listing) {
    std::vector<std::string> lines;
    for (const LeftOutFile& file : listing.left_out) lines.push_back(file.file + " " + file.reason);
    return lines;
  }

  TestFolder folder_;
};

TEST_F(FolderListingTest, SortsPathsAndSkipsWhatIsNoImage) {
  for (const char* name : {"b.JPG", "a/z.png", "a/b/c.jpeg", "a.webp", ".hidden.jpg", ".git/x.jpg",
                           "notes.txt", "a/Thumbs.db", "no_ending"}) {
    Write(name);
  }
  Write("really_a_jpeg", "\xFF\xD8\xFF\xE0 and so on");
  const FolderListing listing = List();
  EXPECT_EQ(Paths(listing), (std::vector<std::string>{"a.webp", "a/b/c.jpeg", "a/z.png", "b.JPG",
                                                      "really_a_jpeg"}));
  EXPECT_EQ(listing.other_files, 3);
  EXPECT_TRUE(listing.left_out.empty());
  EXPECT_EQ(listing.images[0].bytes, 1);
  EXPECT_GT(listing.images[0].modified_ns, 0);
}

TEST_F(FolderListingTest, FollowsNoLinkAndOpensNoPipe) {
  Write("a.jpg");
  const TestFolder outside;
  ASSERT_TRUE(WriteFileSynced(outside / "secret.jpg", "secret").ok());
  ASSERT_EQ(symlink((outside / "secret.jpg").c_str(), (folder_ / "link.jpg").c_str()), 0);
  ASSERT_EQ(symlink(outside.path().c_str(), (folder_ / "linked").c_str()), 0);
  ASSERT_EQ(symlink(".", (folder_ / "loop").c_str()), 0);
  ASSERT_EQ(mkfifo((folder_ / "pipe.jpg").c_str(), 0600), 0);
  const FolderListing listing = List();
  EXPECT_EQ(Paths(listing), (std::vector<std::string>{"a.jpg"}));
  const std::string link = " is a symbolic link, and links are not followed";
  EXPECT_EQ(LeftOut(listing),
            (std::vector<std::string>{"link.jpg" + link, "linked" + link, "loop" + link,
                                      "pipe.jpg is neither a file nor a folder"}));
}

TEST_F(FolderListingTest, ReadsOnlyBelowTheFolder) {
  Write("a/b.jpg", "bytes");
  const TestFolder outside;
  ASSERT_TRUE(WriteFileSynced(outside / "b.jpg", "secret").ok());
  const auto read = [&](const std::string& path) {
    const auto bytes = ReadFileBelow(folder_.path(), path, 5);
    return bytes.ok() ? *bytes : "! " + std::string(bytes.status().message());
  };
  EXPECT_EQ(read("a/b.jpg"), "bytes");
  EXPECT_EQ(read("a/c.jpg"), "! is gone since the folder was listed");
  EXPECT_EQ(read("a"), "! is no longer a file");
  // Between listing and reading, the file, then its folder, are exchanged for links to outside.
  ASSERT_EQ(unlink((folder_ / "a/b.jpg").c_str()), 0);
  ASSERT_EQ(symlink((outside / "b.jpg").c_str(), (folder_ / "a/b.jpg").c_str()), 0);
  EXPECT_EQ(read("a/b.jpg"), "! has become a symbolic link");
  ASSERT_TRUE(RemoveTree(folder_ / "a").ok());
  ASSERT_EQ(symlink(outside.path().c_str(), (folder_ / "a").c_str()), 0);
  EXPECT_EQ(read("a/b.jpg").substr(0, 1), "!");
  for (const char* path : {"../x", "a/../../x", "/etc/hostname", ""}) {
    EXPECT_EQ(read(path).substr(0, 1), "!") << path;
  }
  Write("long.jpg", "123456");
  EXPECT_EQ(read("long.jpg"), "! is larger than 5 bytes");
}

// As another user than root, whom permissions do not stop.
TEST_F(FolderListingTest, NamesFoldersAndFilesThatItMayNotRead) {
  Write("a.jpg");
  Write("closed/b.jpg");
  Write("closed.jpg");
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod((folder_ / "closed").c_str(), 0), 0);
  ASSERT_EQ(chmod((folder_ / "closed.jpg").c_str(), 0), 0);
  std::string error;
  const int exit_code = RunInChild(
      [&] {
        if (getuid() == 0 && setuid(65534) != 0) return 3;
        const FolderListing listing = List();
        if (Paths(listing) != std::vector<std::string>{"a.jpg", "closed.jpg"}) return 4;
        if (LeftOut(listing) !=
            std::vector<std::string>{"closed/ cannot be listed: Permission denied"}) {
          return 5;
        }
        const auto bytes = ReadFileBelow(folder_.path(), "closed.jpg", 10);
        return bytes.status().message() == "cannot be opened: Permission denied" ? 0 : 6;
      },
      &error);
  EXPECT_EQ(exit_code, 0) << error;
  ASSERT_EQ(chmod((folder_ / "closed").c_str(), 0755), 0);
}

TEST_F(FolderListingTest, GoesNoDeeperThanItSays) {
  std::string path;
  for (int i = 0; i < 66; ++i) path += "d/";
  Write(path + "x.jpg");
  const FolderListing listing = List();
  EXPECT_TRUE(listing.images.empty());
  ASSERT_EQ(listing.left_out.size(), 1u);
  EXPECT_EQ(listing.left_out[0].reason, "is nested deeper than 64 folders");
}

TEST_F(FolderListingTest, SaysThatTheFolderIsNotThere) {
  const absl::Status status = ListImageFiles(folder_ / "none").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  Write("file");
  EXPECT_EQ(ListImageFiles(folder_ / "file").status().code(), absl::StatusCode::kNotFound);
}

TEST(ShownPathTest, EscapesWhatSteersATerminalOrIsNoText) {
  EXPECT_EQ(ShownPath("Fotos/Käse 1.jpg"), "Fotos/Käse 1.jpg");
  EXPECT_EQ(ShownPath("a\x1b[2J\n.jpg"), "a\\x1b[2J\\n.jpg");
  EXPECT_EQ(ShownPath("\xFFz.jpg\x7F"), "\\xffz.jpg\\x7f");
  EXPECT_EQ(ShownPath("\xC2\x9B"), "\\xc2\\x9b");  // C1: control sequence introducer
}

}  // namespace
}  // namespace ssnas
