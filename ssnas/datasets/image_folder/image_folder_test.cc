#include "ssnas/datasets/image_folder/image_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/progress.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/testing/fault_harness.h"
#include "ssnas/datasets/image_folder/build_cache.h"
#include "ssnas/datasets/image_folder/folder_listing.h"
#include "ssnas/datasets/image_folder/image_folder.pb.h"
#include "ssnas/datasets/image_folder/testing/write_images.h"

namespace ssnas {
namespace {

using Lines = std::vector<std::string>;

class ImageFolderTest : public ::testing::Test {
 protected:
  ImageFolderTest() {
    config_.set_image_size(16);
    config_.set_cache_dir(cache_.path());
  }

  void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(MakeFolders(ParentOf(folder_ / path)).ok());
    ASSERT_TRUE(WriteFileSynced(folder_ / path, bytes).ok());
  }
  // A grey image, as PNG.
  void WriteLevel(const std::string& path, uint8_t level) {
    Write(path, WritePng(20, 20, Plain(20, 20, level, level, level).pixels));
  }

  DatasetContext Context() const {
    return {.data_dir = folder_.path(), .progress = progress_, .threads = threads_};
  }
  std::unique_ptr<Dataset> Make() const {
    auto dataset = ImageFolder::Create(config_);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    return *std::move(dataset);
  }
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(Split split = Split::kTrain) const {
    return Make()->Images(Context(), split);
  }
  // The first byte of each image, and then what was left out.
  Lines Seen(Split split = Split::kTrain) const {
    const auto images = Images(split);
    if (!images.ok()) return {std::string(images.status().message())};
    Lines lines;
    for (int64_t i = 0; i < (*images)->size(); ++i) {
      lines.push_back(std::to_string((*images)->Get(i).pixels[0]));
    }
    for (const LeftOutFile& file : (*images)->LeftOut()) {
      lines.push_back(file.file + " " + file.reason);
    }
    return lines;
  }
  // The one cache there is.
  std::string CacheFile() const {
    const Lines names = ListFolder(cache_.path()).value();
    EXPECT_EQ(names.size(), 1u);
    return (cache_ / names[0]) + "/images.cache";
  }

  TestFolder folder_, cache_;
  ImageFolderConfig config_;
  const ProgressOptions* progress_ = nullptr;
  int threads_ = 1;
};

TEST_F(ImageFolderTest, GivesTheImagesInOrderAndNamesTheOthers) {
  WriteLevel("b/2.png", 20);
  WriteLevel("a.png", 10);
  WriteLevel("b/1.jpg", 15);  // a PNG all the same
  Write("c.jpg", WriteJpeg(Plain(64, 48, 30, 30, 30), {.grey = true}));
  Write("empty.jpg", "");
  Write("cut.png", WritePng(20, 20, Noise(20, 20, 1).pixels).substr(0, 200));
  Write("notes.txt", "not an image");
  config_.set_max_unreadable_share(0.5);
  EXPECT_EQ(Seen(),
            (Lines{"10", "15", "20", "30", "cut.png is a damaged PNG file: it ends too early",
                   "empty.jpg is empty"}));
  const auto images = Images();
  const ImageView image = (*images)->Get(2);
  EXPECT_EQ(image.height, 16);
  EXPECT_EQ(image.width, 16);
  EXPECT_EQ(image.channels, 3);
  for (int i = 0; i < 16 * 16 * 3; ++i) EXPECT_EQ(image.pixels[i], 20);
  EXPECT_GE((*images)->MappedBytes(), 4 * 16 * 16 * 3);
}

TEST_F(ImageFolderTest, TheDigestIsOfPathsAndPixelsNotOfTimes) {
  WriteLevel("a.png", 10);
  WriteLevel("b.png", 20);
  const std::string first = (*Images())->Digest();
  EXPECT_EQ(first.size(), 64u);
  WriteLevel("a.png", 10);  // later
  EXPECT_EQ((*Images())->Digest(), first);
  WriteLevel("a.png", 11);
  EXPECT_NE((*Images())->Digest(), first);
  WriteLevel("a.png", 10);
  WriteLevel("c.png", 20);
  EXPECT_NE((*Images())->Digest(), first);
  ASSERT_EQ(unlink((folder_ / "b.png").c_str()), 0);
  EXPECT_NE((*Images())->Digest(), first) << "the same pixels under another name";
}

TEST_F(ImageFolderTest, TheCacheIsUsedAgainUntilAFileChanges) {
  WriteLevel("a.png", 10);
  WriteLevel("b.png", 20);
  const auto facts = [](const std::string& path) {
    struct stat now {};
    EXPECT_EQ(stat(path.c_str(), &now), 0);
    return now;
  };
  EXPECT_EQ(Seen(), (Lines{"10", "20"}));
  const ino_t first = facts(CacheFile()).st_ino;
  EXPECT_EQ(Seen(), (Lines{"10", "20"}));
  EXPECT_EQ(facts(CacheFile()).st_ino, first);  // not written again
  // Other contents, with the size and the time of modification that were there.
  const struct stat before = facts(folder_ / "a.png");
  WriteLevel("a.png", 11);
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / "a.png").c_str(), times, 0), 0);
  const struct stat after = facts(folder_ / "a.png");
  ASSERT_EQ(after.st_size, before.st_size);
  ASSERT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(Seen(), (Lines{"11", "20"}));
  ASSERT_EQ(unlink((folder_ / "b.png").c_str()), 0);
  EXPECT_EQ(Seen(), (Lines{"11"}));
  WriteLevel("0.png", 1);
  EXPECT_EQ(Seen(), (Lines{"1", "11"}));
  CacheFile();  // one, each in the other's place
  config_.set_image_size(17);
  EXPECT_EQ((*Images())->Get(0).height, 17);
  EXPECT_EQ(ListFolder(cache_.path())->size(), 2u);
}

TEST_F(ImageFolderTest, ADamagedCacheIsMadeAgain) {
  WriteLevel("a.png", 10);
  EXPECT_EQ(Seen(), (Lines{"10"}));
  const std::string whole = ReadFile(CacheFile()).value();
  std::string bytes = whole;
  bytes[5] ^= 1;
  ASSERT_TRUE(WriteFileSynced(CacheFile(), bytes).ok());
  std::FILE* out = std::tmpfile();
  const ProgressOptions options{.out = out};
  progress_ = &options;
  EXPECT_EQ(Seen(), (Lines{"10"}));
  EXPECT_EQ(ReadFile(CacheFile()).value(), whole);
  std::rewind(out);
  char line[4096] = "";
  ASSERT_NE(std::fgets(line, sizeof(line), out), nullptr);
  EXPECT_EQ(line, "[data] the cache " + CacheFile() +
                      " is damaged (block 0 fails its checksum) and made again\n");
  std::fclose(out);
}

TEST_F(ImageFolderTest, DoesNotDependOnTheNumberOfThreads) {
  config_.set_max_unreadable_share(0.5);
  config_.set_fit(ImageFolderConfig::WHOLE);
  for (int i = 0; i < 150; ++i) {
    const std::string name = std::to_string(i) + ".png";
    if (i % 7 == 0) {
      Write(name, "bad");
    } else {
      Write(name, WritePng(20 + i % 5, 30, Noise(20 + i % 5, 30, i).pixels));
    }
  }
  ASSERT_TRUE(Images().ok());
  const std::string one = ReadFile(CacheFile()).value();
  for (const int threads : {2, 5}) {
    ASSERT_TRUE(RemoveTree(ParentOf(CacheFile())).ok());
    threads_ = threads;
    ASSERT_TRUE(Images().ok());
    EXPECT_EQ(ReadFile(CacheFile()).value() == one, true) << threads << " threads";
  }
}

TEST_F(ImageFolderTest, TooManyUnreadableFilesAreAnError) {
  for (int i = 0; i < 9; ++i) WriteLevel("ok" + std::to_string(i) + ".png", 1);
  Write("bad.png", "");
  EXPECT_TRUE(Images().ok());  // a tenth, as the default allows
  Write("worse.png", "?");
  for (int again = 0; again < 2; ++again) {  // the second time from the cache
    const absl::Status status = Images().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(status.message(),
              "image_folder: 2 of 11 image files in " + folder_.path() +
                  " cannot be read (18.2 %; max_unreadable_share is 10 %):\n    bad.png is empty\n"
                  "    worse.png is neither a JPEG nor a PNG file\nMend or remove them, or set "
                  "dataset.config.max_unreadable_share to more.");
  }
  config_.set_max_unreadable_share(0.2);
  EXPECT_EQ((*Images())->size(), 9);
  EXPECT_EQ((*Images())->LeftOut().size(), 2u);
}

TEST_F(ImageFolderTest, AFolderWithoutImages) {
  Write("notes.txt", "x");
  EXPECT_EQ(Images().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Images().status().message(),
            "image_folder: no JPEG or PNG file in " + folder_.path() +
                ". Give a folder that has some; folders in it are looked into, links are not "
                "followed.");
  config_.set_max_unreadable_share(1);
  Write("bad.png", "");
  EXPECT_EQ(Images().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Make()->Images({}, Split::kTrain).status().message(),
            "image_folder: no folder of images given. Name it with --images=DIR.");
}

TEST_F(ImageFolderTest, WhatIsNoFolder) {
  Write("a.png", "x");
  const auto refusal = [&](const std::string& path) {
    return std::string(Make()->Images({.data_dir = path}, Split::kTrain).status().message());
  };
  EXPECT_EQ(refusal(folder_ / "b"), "image_folder: there is no folder " + (folder_ / "b") +
                                        ". Name the folder of images with --images=DIR.");
  EXPECT_EQ(refusal(folder_ / "a.png"), "image_folder: " + (folder_ / "a.png") +
                                            " is a file, not a folder. Name the folder of images "
                                            "with --images=DIR.");
}

TEST_F(ImageFolderTest, TestImagesAreDrawnByTheirPaths) {
  for (int i = 0; i < 60; ++i) WriteLevel(std::to_string(100 + i) + ".png", i);
  EXPECT_EQ(Images(Split::kTest).status().code(), absl::StatusCode::kNotFound);
  config_.set_test_share(0.25);
  const Lines train = Seen(Split::kTrain), test = Seen(Split::kTest);
  EXPECT_EQ(train.size() + test.size(), 60u);
  // 60 draws at 0.25: 15 ± 3.4; five deviations.
  EXPECT_GE(test.size(), 1u);
  EXPECT_LE(test.size(), 32u);
  for (const std::string& image : test) {
    EXPECT_EQ(std::find(train.begin(), train.end(), image), train.end());
  }
  // Others that come stay out of it.
  WriteLevel("1000.png", 200);
  for (const std::string& image : test) {
    const Lines now = Seen(Split::kTest);
    EXPECT_NE(std::find(now.begin(), now.end(), image), now.end());
  }
}

TEST_F(ImageFolderTest, Labels) {
  WriteLevel("dog/1.png", 1);
  WriteLevel("cat/2.png", 2);
  WriteLevel("cat/deep/3.png", 3);
  Write("cat/bad.png", "");
  config_.set_max_unreadable_share(0.5);
  EXPECT_EQ(Make()->Labels(Context(), Split::kTrain).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Make()->Info().num_classes, 0);
  config_.set_labels(ImageFolderConfig::FOLDERS);
  EXPECT_EQ(ImageFolder::Create(config_).status().code(), absl::StatusCode::kInvalidArgument);
  config_.set_classes(2);
  EXPECT_EQ(Make()->Info().num_classes, 2);
  // Of 2.png, 3.png and 1.png; none of bad.png.
  EXPECT_EQ(Make()->Labels(Context(), Split::kTrain).value(), (std::vector<int32_t>{0, 0, 1}));

  config_.set_labels(ImageFolderConfig::CSV);
  EXPECT_EQ(ImageFolder::Create(config_).status().code(), absl::StatusCode::kInvalidArgument);
  config_.set_labels_csv("labels.csv");
  EXPECT_EQ(Make()->Labels(Context(), Split::kTrain).status().code(), absl::StatusCode::kNotFound);
  Write("labels.csv", "dog/1.png,old\ncat/2.png,new\ncat/deep/3.png,old\n");
  // Classes by name: new, old.
  EXPECT_EQ(Make()->Labels(Context(), Split::kTrain).value(), (std::vector<int32_t>{0, 1, 1}));
  Write("labels.csv", "dog/1.png,old\ncat/2.png\n");
  EXPECT_EQ(
      Make()->Labels(Context(), Split::kTrain).status().message(),
      "image_folder: " + (folder_ / "labels.csv") +
          ": line 2: expected path,label; got 1 fields (a comma in a path needs quotes around "
          "it)");
}

// The labels are those of the images that were opened, also when the folder changes meanwhile.
TEST_F(ImageFolderTest, LabelsBelongToTheOpenedImages) {
  WriteLevel("a/1.png", 1);
  WriteLevel("b/1.png", 2);
  config_.set_labels(ImageFolderConfig::FOLDERS);
  config_.set_classes(2);
  const auto dataset = Make();
  ASSERT_TRUE(dataset->Images(Context(), Split::kTrain).ok());
  WriteLevel("a/2.png", 3);
  ASSERT_EQ(unlink((folder_ / "b/1.png").c_str()), 0);
  EXPECT_EQ(dataset->Labels(Context(), Split::kTrain).value(), (std::vector<int32_t>{0, 1}));
}

TEST_F(ImageFolderTest, TheCacheIsBounded) {
  for (int i = 0; i < 10; ++i) WriteLevel(std::to_string(i) + ".png", 1);
  config_.set_max_cache_gb(7e-6);  // of 10·16·16·3 = 7,680 bytes
  const absl::Status status = Images().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ExitCode(status), 5);
  EXPECT_FALSE(PathExists(CacheFile()));
  config_.set_max_cache_gb(8e-6);
  EXPECT_TRUE(Images().ok());
}

TEST_F(ImageFolderTest, AFullDiskIsSaidAndHarmsNothing) {
  WriteLevel("a.png", 10);
  ArmFault(Fault::kNoSpace, 1, /*onwards=*/true);
  const absl::Status status = Images().status();
  ArmFault(Fault::kNone, 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(ExitCode(status), 5);
  EXPECT_EQ(Seen(), (Lines{"10"}));
}

TEST_F(ImageFolderTest, StopsWhenAsked) {
  WriteLevel("a.png", 10);
  SetShutdownSignal(SIGTERM);
  const absl::Status status = Images().status();
  SetShutdownSignal(0);
  EXPECT_EQ(ExitCode(status), 128 + SIGTERM) << status;
  EXPECT_FALSE(PathExists(CacheFile()));
  EXPECT_EQ(Seen(), (Lines{"10"}));
}

// Three chunks of at most 64 files, stopped after each in turn.
TEST_F(ImageFolderTest, AStoppedDecodeGoesOnFromThere) {
  for (int i = 0; i < 150; ++i) {
    if (i % 50 == 7) {
      Write(std::to_string(1000 + i) + ".png", "bad");
    } else {
      WriteLevel(std::to_string(1000 + i) + ".png", static_cast<uint8_t>(i));
    }
  }
  FolderListing listing = ListImageFiles(folder_.path()).value();
  std::vector<uint64_t> asked;  // bytes of pixels, a chunk each
  size_t stop_after = 0;
  CacheJob job{.folder = folder_.path(),
               .files = std::move(listing.images),
               .left_out = {{.file = "a pipe", .reason = "is a pipe"}},
               .key = "key",
               .decoder = {.size = 8},
               .may_take = [&](uint64_t bytes) {
                 asked.push_back(bytes);
                 if (asked.size() == stop_after) SetShutdownSignal(SIGTERM);
                 return absl::OkStatus();
               }};
  ASSERT_TRUE(BuildCache(job, cache_ / "unbroken").ok());
  const std::vector<uint64_t> unbroken = asked;
  ASSERT_EQ(unbroken.size(), 3u);
  std::FILE* out = std::tmpfile();
  const ProgressOptions options{.out = out};
  job.progress = &options;
  for (stop_after = 1; stop_after < 3; ++stop_after) {
    asked.clear();
    EXPECT_EQ(ExitCode(BuildCache(job, cache_ / "stopped")), 128 + SIGTERM);
    EXPECT_EQ(asked.size(), stop_after);
    SetShutdownSignal(0);
    EXPECT_FALSE(PathExists(cache_ / "stopped"));
    ASSERT_TRUE(BuildCache(job, cache_ / "stopped").ok());
    EXPECT_EQ(asked, unbroken);  // no chunk twice
    EXPECT_TRUE(ReadFile(cache_ / "stopped").value() == ReadFile(cache_ / "unbroken").value());
    ASSERT_TRUE(RemoveTree(cache_ / "stopped").ok());
  }
  std::rewind(out);
  std::string printed(1 << 14, '\0');
  printed.resize(std::fread(printed.data(), 1, printed.size(), out));
  std::fclose(out);
  EXPECT_NE(printed.find("[data] stopped after 64 of 150 images. The same command goes on from "
                         "there.\n[data] going on after 64 of 150 images\n"),
            std::string::npos)
      << printed;
}

// A file that a fault kept from being read is named; nothing else is ever different afterwards.
TEST_F(ImageFolderTest, AFaultAtAnyCallHarmsNothing) {
  WriteLevel("b.png", 20);
  config_.set_max_unreadable_share(0.9);
  // No cache yet; one of other contents; one of another size that must make room.
  for (const std::string before : {"none", "stale", "full"}) {
    SCOPED_TRACE(before);
    config_.set_max_cache_gb(before == "full" ? 2.5e-6 : 1);
    const auto prepare = [&] {
      const Lines caches = ListFolder(cache_.path()).value();
      for (const std::string& id : caches) ASSERT_TRUE(RemoveTree(cache_ / id).ok());
      WriteLevel("a.png", before == "stale" ? 9 : 10);
      config_.set_image_size(before == "full" ? 17 : 16);
      if (before != "none") {
        ASSERT_TRUE(Images().ok());
      }
      config_.set_image_size(16);
      WriteLevel("a.png", 10);
    };
    const auto check = [&](const InjectedFault& fault, const absl::Status& status) {
      if (!status.ok() && fault.fault == Fault::kNoSpace) {
        EXPECT_EQ(ExitCode(status), 5) << status;
      }
      const Lines seen = Seen();
      const bool unread = fault.fault == Fault::kIoError && seen.size() == 2 &&
                          seen[1].find(".png cannot be ") == 1;
      EXPECT_TRUE(unread || seen == (Lines{"10", "20"})) << testing::PrintToString(seen);
      const Lines caches = ListFolder(cache_.path()).value();
      for (const std::string& id : caches) {
        EXPECT_FALSE(PathExists((cache_ / id) + "/images.cache.tmp"));
      }
    };
    ForEveryFault(
        prepare, [&] { return Images().status(); }, check);
  }
}

TEST_F(ImageFolderTest, NothingOutsideTheFolderIsRead) {
  WriteLevel("a.png", 10);
  const TestFolder outside;
  ASSERT_TRUE(
      WriteFileSynced(outside / "s.png", WritePng(20, 20, Plain(20, 20, 99, 99, 99).pixels)).ok());
  ASSERT_EQ(symlink((outside / "s.png").c_str(), (folder_ / "link.png").c_str()), 0);
  ASSERT_EQ(symlink(outside.path().c_str(), (folder_ / "linked").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", (folder_ / "dangling.png").c_str()), 0);
  config_.set_max_unreadable_share(0.9);
  const std::string link = " is a symbolic link, and links are not followed";
  EXPECT_EQ(Seen(), (Lines{"10", "dangling.png" + link, "link.png" + link, "linked" + link}));
}

// Listed, and when its turn comes gone, or something else.
TEST_F(ImageFolderTest, AFileThatVanishesIsLeftOut) {
  WriteLevel("a.png", 10);
  ASSERT_EQ(symlink("a.png", (folder_ / "link.png").c_str()), 0);
  ASSERT_TRUE(MakeFolders(folder_ / "folder.png").ok());
  const CacheJob job{.folder = folder_.path(),
                     .files = {{.path = "a.png"},
                               {.path = "gone.png"},
                               {.path = "gone/deep.png"},
                               {.path = "link.png"},
                               {.path = "folder.png"}},
                     .key = "key",
                     .decoder = {.size = 8},
                     .may_take = [](uint64_t) { return absl::OkStatus(); }};
  ASSERT_TRUE(BuildCache(job, cache_ / "file").ok());
  const auto cache = ImageCache::Open(cache_ / "file", "key", SerialFor);
  ASSERT_TRUE(cache.ok()) << cache.status();
  EXPECT_EQ((*cache)->size(), 1);
  Lines left_out;
  for (const LeftOutFile& file : (*cache)->LeftOut()) {
    left_out.push_back(file.file + " " + file.reason);
  }
  EXPECT_EQ(left_out,
            (Lines{"folder.png is no longer a file", "gone.png is gone since the folder was listed",
                   "gone/deep.png is gone since the folder was listed",
                   "link.png has become a symbolic link"}));
}

}  // namespace
}  // namespace ssnas
