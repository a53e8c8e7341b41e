#include "ssnas/datasets/image_folder/image_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"

namespace ssnas {
namespace {

constexpr char kMagic[] = "SSNASIC1";
constexpr size_t kTrailerBytes = 40, kTrailerNumbers = 24;
constexpr uint64_t kBlockBytes = 1 << 20;
constexpr uint64_t kMaxIndexBytes = uint64_t{1} << 30;
constexpr int kMaxSide = 1 << 16;

uint64_t Checksum(absl::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string Number(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 255));
  return bytes;
}

uint64_t NumberAt(absl::string_view bytes, size_t at) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

uint64_t ImageBytes(int height, int width) { return uint64_t{3} * height * width; }

int64_t Blocks(uint64_t pixel_bytes) {
  return static_cast<int64_t>((pixel_bytes + kBlockBytes - 1) / kBlockBytes);
}

// Sizes of the images, which everything that is read from the pixels relies on.
absl::Status CheckIndex(const ImageCacheIndex& index, uint64_t pixel_bytes) {
  const int images = index.file_size();
  if (index.height_size() != images || index.width_size() != images ||
      index.block_checksum_size() != Blocks(pixel_bytes)) {
    return absl::DataLossError("its index is not complete");
  }
  uint64_t sum = 0;
  for (int i = 0; i < images; ++i) {
    const int height = index.height(i), width = index.width(i);
    if (height < 1 || height > kMaxSide || width < 1 || width > kMaxSide) {
      return absl::DataLossError(absl::StrCat("image ", i, " has ", height, "×", width, " pixels"));
    }
    sum += ImageBytes(height, width);
  }
  if (sum != pixel_bytes) {
    return absl::DataLossError(
        absl::StrCat("it has ", pixel_bytes, " bytes of pixels, its index says ", sum));
  }
  return absl::OkStatus();
}

}  // namespace

std::string CacheTrailer(uint64_t pixel_bytes, absl::string_view index) {
  std::string trailer =
      absl::StrCat(Number(pixel_bytes), Number(index.size()), Number(Checksum(index)));
  absl::StrAppend(&trailer, Number(Checksum(trailer)), kMagic);
  return trailer;
}

absl::StatusOr<ImageCacheIndex> ReadCacheIndex(absl::string_view bytes) {
  if (bytes.size() < kTrailerBytes) return absl::DataLossError("it ends too early");
  const absl::string_view trailer = bytes.substr(bytes.size() - kTrailerBytes);
  if (trailer.substr(kTrailerNumbers + 8) != kMagic) {
    return absl::DataLossError("it does not end as a cache does");
  }
  if (NumberAt(trailer, kTrailerNumbers) != Checksum(trailer.substr(0, kTrailerNumbers))) {
    return absl::DataLossError("its trailer fails its checksum");
  }
  const uint64_t pixel_bytes = NumberAt(trailer, 0), index_bytes = NumberAt(trailer, 8);
  const uint64_t body = bytes.size() - kTrailerBytes;
  if (pixel_bytes > body || index_bytes != body - pixel_bytes || index_bytes > kMaxIndexBytes) {
    return absl::DataLossError(
        absl::StrCat("it has ", bytes.size(), " bytes, its trailer says ", "otherwise"));
  }
  const absl::string_view index_text = bytes.substr(pixel_bytes, index_bytes);
  if (NumberAt(trailer, 16) != Checksum(index_text)) {
    return absl::DataLossError("its index fails its checksum");
  }
  ImageCacheIndex index;
  if (!index.ParseFromArray(index_text.data(), static_cast<int>(index_text.size()))) {
    return absl::DataLossError("its index cannot be read");
  }
  SSNAS_RETURN_IF_ERROR(CheckIndex(index, pixel_bytes));
  return index;
}

absl::Status CheckPixels(absl::string_view bytes, const ImageCacheIndex& index,
                         const ParallelFor& parallel_for) {
  uint64_t pixel_bytes = 0;
  for (int i = 0; i < index.file_size(); ++i) {
    pixel_bytes += ImageBytes(index.height(i), index.width(i));
  }
  const absl::string_view pixels = bytes.substr(0, pixel_bytes);
  const int64_t blocks = index.block_checksum_size();
  std::atomic<int64_t> bad{blocks};  // the first
  parallel_for(blocks, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const uint64_t found = Checksum(pixels.substr(i * kBlockBytes, kBlockBytes));
      if (found == index.block_checksum(static_cast<int>(i))) continue;
      int64_t before = bad;
      while (i < before && !bad.compare_exchange_weak(before, i)) continue;
      return;
    }
  });
  if (bad == blocks) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("block ", bad.load(), " fails its checksum"));
}

absl::StatusOr<std::unique_ptr<ImageCache>> ImageCache::Open(const std::string& path,
                                                             const std::string& key,
                                                             const ParallelFor& parallel_for) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat facts {};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) {
    return absl::DataLossError("it is no file, or empty");
  }
  const auto size = static_cast<size_t>(facts.st_size);
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return ErrnoStatus("map", path, errno);
  auto cache = absl::WrapUnique(new ImageCache(mapped, size));
  const absl::string_view bytes(static_cast<const char*>(mapped), size);
  SSNAS_ASSIGN_OR_RETURN(cache->index_, ReadCacheIndex(bytes));
  // What is of another key is not worth the check.
  if (cache->index_.key() != key) return absl::FailedPreconditionError("it is of other images");
  SSNAS_RETURN_IF_ERROR(CheckPixels(bytes, cache->index_, parallel_for));
  size_t offset = 0;
  for (int i = 0; i < cache->index_.file_size(); ++i) {
    cache->offset_.push_back(offset);
    offset += ImageBytes(cache->index_.height(i), cache->index_.width(i));
  }
  return cache;
}

ImageCache::~ImageCache() { munmap(const_cast<void*>(mapped_), bytes_); }

ImageView ImageCache::Get(int64_t index) const {
  return {.pixels = static_cast<const uint8_t*>(mapped_) + offset_[index],
          .height = index_.height(static_cast<int>(index)),
          .width = index_.width(static_cast<int>(index)),
          .channels = 3};
}

std::vector<LeftOutFile> ImageCache::LeftOut() const {
  std::vector<LeftOutFile> left_out;
  for (const LeftOutFileProto& file : index_.left_out()) {
    left_out.push_back({.file = file.file(), .reason = file.reason()});
  }
  return left_out;
}

std::string ImageCache::Digest() const {
  Sha256Stream sha;
  for (int i = 0; i < index_.file_size(); ++i) {
    sha.Update(absl::StrCat(index_.file(i), absl::string_view("\0", 1), index_.height(i), " ",
                            index_.width(i), "\n"));
  }
  for (const uint64_t checksum : index_.block_checksum()) sha.Update(Number(checksum));
  return sha.Finish();
}

absl::StatusOr<std::unique_ptr<ImageCacheWriter>> ImageCacheWriter::Create(
    const std::string& path) {
  const std::string temporary = path + ".tmp";
  const int fd = GuardedCall(
      [&] { return open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666); });
  if (fd < 0) return ErrnoStatus("create", temporary, errno);
  return absl::WrapUnique(new ImageCacheWriter(path, fd));
}

ImageCacheWriter::~ImageCacheWriter() {
  if (fd_ < 0) return;
  close(fd_);
  GuardedCall([&] { return unlink(temporary().c_str()); });
}

absl::Status ImageCacheWriter::WriteBlock() {
  const absl::string_view block = absl::string_view(block_).substr(0, kBlockBytes);
  index_.add_block_checksum(Checksum(block));
  pixel_bytes_ += block.size();
  SSNAS_RETURN_IF_ERROR(WriteAll(fd_, temporary(), block));
  block_.erase(0, block.size());
  return absl::OkStatus();
}

absl::Status ImageCacheWriter::Add(const std::string& file, const RgbImage& image) {
  index_.add_file(file);
  index_.add_height(image.height);
  index_.add_width(image.width);
  block_.append(reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size());
  while (block_.size() >= kBlockBytes) SSNAS_RETURN_IF_ERROR(WriteBlock());
  return absl::OkStatus();
}

void ImageCacheWriter::LeaveOut(const LeftOutFile& file) {
  LeftOutFileProto& proto = *index_.add_left_out();
  proto.set_file(file.file);
  proto.set_reason(file.reason);
}

absl::Status ImageCacheWriter::Finish(const std::string& key) {
  if (!block_.empty()) SSNAS_RETURN_IF_ERROR(WriteBlock());
  index_.set_key(key);
  const std::string index = index_.SerializeAsString();
  SSNAS_RETURN_IF_ERROR(
      WriteAll(fd_, temporary(), absl::StrCat(index, CacheTrailer(pixel_bytes_, index))));
  SSNAS_RETURN_IF_ERROR(SyncDescriptor(fd_, temporary()));
  SSNAS_RETURN_IF_ERROR(RenameSynced(temporary(), path_));
  close(std::exchange(fd_, -1));
  return absl::OkStatus();
}

}  // namespace ssnas
