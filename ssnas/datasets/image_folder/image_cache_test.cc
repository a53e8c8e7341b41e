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
  auto writer = ImageCacheWriter::Create(path);
  if (!writer.ok()) return writer.status();
  for (int i = 0; i < 3; ++i) {
    const absl::Status status =
        (*writer)->Add("image " + std::to_string(i), Counted(2 + i, 3, 10 * i));
    if (!status.ok()) return status;
  }
  (*writer)->LeaveOut({.file = "bad.jpg", .reason = "is empty"});
  return (*writer)->Finish(key);
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
    auto writer = ImageCacheWriter::Create(Path());
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE((*writer)->Add("x", Counted(512, 500, i)).ok());
    ASSERT_TRUE((*writer)->Finish("key").ok());
  }
  std::string bytes = ReadFile(Path()).value();
  ASSERT_TRUE(Open().ok());
  bytes[(1 << 20) + 5] ^= 1;
  bytes[(1 << 21) + 5] ^= 1;
  ASSERT_TRUE(WriteFileSynced(Path(), bytes).ok());
  EXPECT_EQ(Open().status().message(), "block 1 fails its checksum");
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
