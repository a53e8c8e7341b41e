// Writes the seeds of image_fuzz and image_cache_fuzz: small files of every kind.
//
//   write_corpus FOLDER
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/image_folder/image_cache.h"
#include "ssnas/datasets/image_folder/image_folder.pb.h"
#include "ssnas/datasets/image_folder/testing/write_images.h"

namespace ssnas {
namespace {

void WriteImages(const std::string& folder) {
  const auto write = [&](const std::string& name, const std::string& bytes) {
    const absl::Status status = WriteFileSynced(JoinPath(folder, name), bytes);
    CHECK(status.ok()) << status;
  };
  const RgbImage noise = Noise(9, 10, 1);
  write("rgb.jpg", WriteJpeg(noise, {.orientation = 6}));
  write("grey.jpg", WriteJpeg(noise, {.grey = true}));
  write("progressive.jpg", WriteJpeg(noise, {.progressive = true, .subsampled = true}));
  write("scaled.jpg", WriteJpeg(Quarters(70, 80), {.subsampled = true}));
  write("cmyk.jpg", WriteCmykJpeg(4, 5, std::vector<uint8_t>(4 * 5 * 4, 200)));
  write("rgb.png", WritePng(9, 10, noise.pixels, {.orientation = 5}));
  write("interlaced.png", WritePng(9, 10, noise.pixels, {.interlaced = true}));
  write("grey_alpha_16.png",
        WritePng(4, 5, std::vector<uint8_t>(4 * 5 * 4, 99), {.color_type = 4, .bit_depth = 16}));
  write("palette.png", WritePng(4, 5, std::vector<uint8_t>(4 * 5, 1),
                                {.color_type = 3, .palette = {1, 2, 3, 4, 5, 6, 7, 8}}));
  write("bits.png",
        WritePng(4, 5, std::vector<uint8_t>(4, 0xA8), {.color_type = 0, .bit_depth = 1}));
}

void WriteCaches(const std::string& folder) {
  const std::string path = JoinPath(folder, "whole.cache");
  auto writer = ImageCacheWriter::Create(path, "key", SerialFor);
  CHECK(writer.ok()) << writer.status();
  CHECK((*writer)->Add("a.jpg", Plain(1, 2, 1, 2, 3)).ok());
  (*writer)->LeaveOut({.file = "b.jpg", .reason = "is empty"});
  CHECK((*writer)->Finish().ok());
  // Two bytes that say how many bytes of pixels, then an index for them.
  const std::string whole = ReadFile(path).value();
  const ImageCacheIndex index = ReadCacheIndex(whole).value();
  const std::string sealed = absl::StrCat(std::string({'\0', '\6'}), index.SerializeAsString());
  CHECK(WriteFileSynced(JoinPath(folder, "index.cache"), sealed).ok());
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) {
  CHECK_EQ(argc, 2) << "write_corpus FOLDER";
  const std::string images = ssnas::JoinPath(argv[1], "images");
  const std::string caches = ssnas::JoinPath(argv[1], "caches");
  CHECK(ssnas::MakeFolders(images).ok() && ssnas::MakeFolders(caches).ok());
  ssnas::WriteImages(images);
  ssnas::WriteCaches(caches);
  return 0;
}
