#include "ssnas/datasets/image_folder/image_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

RgbImage Counted(int height, int width, int start) {
  RgbImage image{.height = height, .width = width, .pixels = {}};
  for (int i = 0; i < 3 * height * width; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(start + i));
  }
  return image;
}

absl::Status WriteCache(const std::string& path, const std::string& key) {
  auto writer = ImageCacheWriter::Create(path, key, SerialFor);
  if (!writer.ok()) return writer.status();
  for (int i = 0; i < 3; ++i) {
    const absl::Status status =
        (*writer)->Add("image " + std::to_string(i), Counted(2 + i, 3, 10 * i));
    if (!status.ok()) return status;
  }
  (*writer)->LeaveOut({.file = "bad.jpg", .reason = "is empty"});
  return (*writer)->Finish();
}

class ImageCacheTest : public ::testing::Test {
 protected:
  std::string Path() const { return folder_ / "images.cache"; }
  absl::StatusOr<std::unique_ptr<ImageCache>> Open(const std::string& key = "key") {
    return ImageCache::Open(Path(), key, SerialFor);
  }

  TestFolder folder_;
};

TEST_F(ImageCacheTest, KeepsImagesOfSeveralSizesAndWhatWasLeftOut) {
  ASSERT_TRUE(WriteCache(Path(), "key").ok());
  const auto cache = Open();
  ASSERT_TRUE(cache.ok()) << cache.status();
  ASSERT_EQ((*cache)->size(), 3);
  for (int i = 0; i < 3; ++i) {
    const ImageView image = (*cache)->Get(i);
    EXPECT_EQ(image.height, 2 + i);
    EXPECT_EQ(image.width, 3);
    EXPECT_EQ(image.channels, 3);
    const RgbImage wanted = Counted(2 + i, 3, 10 * i);
    EXPECT_EQ(std::vector<uint8_t>(image.pixels, image.pixels + wanted.pixels.size()),
              wanted.pixels);
    EXPECT_EQ((*cache)->file(i), "image " + std::to_string(i));
  }
  ASSERT_EQ((*cache)->LeftOut().size(), 1u);
  EXPECT_EQ((*cache)->LeftOut()[0].file, "bad.jpg");
  EXPECT_EQ((*cache)->LeftOut()[0].reason, "is empty");
  EXPECT_FALSE(PathExists(Path() + ".tmp"));
}

TEST_F(ImageCacheTest, IsOfOneKey) {
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(WriteCache(Path(), "key").ok());
  EXPECT_EQ(Open("other").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ImageCacheTest, SeesEveryTruncation) {
  ASSERT_TRUE(WriteCache(Path(), "key").ok());
  const std::string whole = ReadFile(Path()).value();
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(WriteFileSynced(Path(), whole.substr(0, size)).ok());
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss) << size;
    ASSERT_TRUE(
        WriteFileSynced(Path(), whole.substr(0, size) + std::string(whole.size() - size, '\0'))
            .ok());
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss) << size;
  }
  ASSERT_TRUE(WriteFileSynced(Path(), whole + "x").ok());
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ImageCacheTest, SeesEveryFlippedBit) {
  ASSERT_TRUE(WriteCache(Path(), "key").ok());
  const std::string whole = ReadFile(Path()).value();
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    ASSERT_TRUE(WriteFileSynced(Path(), flipped).ok());
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss) << "bit " << bit;
  }
}

// Two blocks and a bit, so that the second has a checksum of its own.
TEST_F(ImageCacheTest, NamesTheBlockThatIsDamaged) {
  {
    auto writer = ImageCacheWriter::Create(Path(), "key", SerialFor);
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((*writer)->Add("x", Counted(512, 500, i)).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  std::string bytes = ReadFile(Path()).value();
  ASSERT_TRUE(Open().ok());
  bytes[(1 << 20) + 5] ^= 1;
  bytes[(1 << 21) + 5] ^= 1;
  ASSERT_TRUE(WriteFileSynced(Path(), bytes).ok());
  EXPECT_EQ(Open().status().message(), "block 1 fails its checksum");
}

// Images of half a block, so that one is begun when a writer stops after an odd number of them.
absl::Status AddHalves(ImageCacheWriter& writer, int first, int last) {
  for (int i = first; i < last; ++i) {
    const absl::Status status = writer.Add("image " + std::to_string(i), Counted(410, 426, i));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

class KeptCacheTest : public ImageCacheTest {
 protected:
  KeptCacheTest() {
    auto writer = Create();
    EXPECT_TRUE(AddHalves(*writer, 0, 6).ok() && writer->Finish().ok());
    unbroken_ = ReadFile(Path()).value();
    EXPECT_TRUE(RemoveTree(Path()).ok());
  }

  std::unique_ptr<ImageCacheWriter> Create(const std::string& key = "key") {
    auto writer = ImageCacheWriter::Create(Path(), key, SerialFor);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }
  // What a program leaves that is stopped after `count` images.
  void Leave(int count) {
    auto writer = Create();
    ASSERT_TRUE(AddHalves(*writer, 0, count).ok());
    ASSERT_TRUE(writer->LeaveForLater().ok());
  }
  // How many images a writer finds, which then adds the others.
  int GoOn(const std::string& key = "key") {
    auto writer = Create(key);
    const int found = writer->index().file_size();
    EXPECT_TRUE(AddHalves(*writer, found, 6).ok() && writer->Finish().ok());
    EXPECT_FALSE(PathExists(Path() + ".tmp") || PathExists(Path() + ".part"));
    return found;
  }
  std::string Cache() { return ReadFile(Path()).value_or(""); }

  std::string unbroken_;
};

TEST_F(KeptCacheTest, GoesOnAfterAnyNumberOfImagesToTheSameBytes) {
  for (int count = 0; count <= 6; ++count) {
    Leave(count);
    EXPECT_FALSE(PathExists(Path()));
    EXPECT_EQ(GoOn(), count);
    EXPECT_TRUE(Cache() == unbroken_) << count;
    ASSERT_TRUE(RemoveTree(Path()).ok());
  }
}

// Killed: what was written after Keep is there as well, and not counted.
TEST_F(KeptCacheTest, WhatWasWrittenAfterItWasKeptIsWrittenAgain) {
  std::string pixels, part;
  {
    auto writer = Create();
    ASSERT_TRUE(AddHalves(*writer, 0, 3).ok() && writer->Keep().ok());
    ASSERT_TRUE(AddHalves(*writer, 3, 6).ok());
    pixels = ReadFile(Path() + ".tmp").value();
    part = ReadFile(Path() + ".part").value();
  }
  EXPECT_FALSE(PathExists(Path() + ".tmp") || PathExists(Path() + ".part"));  // not left for later
  ASSERT_TRUE(WriteFileSynced(Path() + ".tmp", pixels).ok());
  ASSERT_TRUE(WriteFileSynced(Path() + ".part", part).ok());
  EXPECT_EQ(GoOn(), 3);
  EXPECT_TRUE(Cache() == unbroken_);
}

TEST_F(KeptCacheTest, WhatIsDamagedOrOfOtherImagesBeginsAnew) {
  const auto damage = [&](const char* end, auto change) {
    Leave(3);
    std::string bytes = ReadFile(Path() + end).value();
    change(bytes);
    ASSERT_TRUE(WriteFileSynced(Path() + end, bytes).ok());
    EXPECT_EQ(GoOn(), 0);
    EXPECT_TRUE(Cache() == unbroken_);
  };
  damage(".tmp", [](std::string& bytes) { bytes[5] ^= 1; });
  damage(".tmp", [](std::string& bytes) { bytes.back() ^= 1; });  // of the block that is begun
  damage(".tmp", [](std::string& bytes) { bytes.pop_back(); });
  damage(".tmp", [](std::string& bytes) { bytes.clear(); });
  damage(".part", [](std::string& bytes) { bytes[5] ^= 1; });
  damage(".part", [](std::string& bytes) { bytes.pop_back(); });
  damage(".part", [](std::string& bytes) { bytes.clear(); });
  Leave(3);
  EXPECT_EQ(GoOn("other key"), 0);
}

// After a fault at any system call while it is kept, a writer finds all of it or less, and the
// cache that it makes is whole.
TEST_F(KeptCacheTest, AFaultWhileItIsKeptCostsAtMostWhatIsNotKept) {
  ForEveryFault(
      [&] {
        for (const char* end : {".tmp", ".part"}) {
          ASSERT_TRUE(RemoveTree(Path() + end).ok());
        }
        Leave(2);
      },
      [&] {
        auto writer = ImageCacheWriter::Create(Path(), "key", SerialFor);
        if (!writer.ok()) return writer.status();
        const absl::Status added = AddHalves(**writer, (*writer)->index().file_size(), 5);
        return added.ok() ? (*writer)->LeaveForLater() : added;
      },
      [&](const InjectedFault& fault, const absl::Status& status) {
        const int found = GoOn();
        EXPECT_TRUE(found == 0 || found == 2 || found == 5) << found;
        EXPECT_TRUE(!status.ok() || found == 5);
        EXPECT_TRUE(!fault.kills() || found >= 2);
        EXPECT_TRUE(Cache() == unbroken_);
      });
}

// After any fault the old cache or the new one is there and whole, and the space of a half-written
// one is given back.
TEST_F(ImageCacheTest, ComesWholeOrNotAtAll) {
  const auto open = [&](const char* key) { return Open(key).status().code(); };
  ForEveryFault([&] { ASSERT_TRUE(WriteCache(Path(), "old").ok()); },
                [&] { return WriteCache(Path(), "new"); },
                [&](const InjectedFault& fault, const absl::Status& status) {
                  const bool is_new = open("new") == absl::StatusCode::kOk;
                  EXPECT_TRUE(is_new || open("old") == absl::StatusCode::kOk);
                  EXPECT_TRUE(is_new || !status.ok());
                  // What is killed, or cannot even delete, leaves it to the next.
                  const bool cleaned = !fault.kills() && !fault.onwards;
                  EXPECT_FALSE(cleaned && PathExists(Path() + ".tmp"));
                  if (fault.fault == Fault::kNoSpace && !status.ok()) {
                    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
                  }
                });
}

}  // namespace
}  // namespace ssnas
