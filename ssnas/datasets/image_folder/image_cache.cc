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

// What stands at the end of a cache, checked against itself.
struct Trailer {
  uint64_t pixel_bytes = 0, index_bytes = 0, index_checksum = 0;
};

absl::StatusOr<Trailer> ReadTrailer(absl::string_view bytes) {
  if (bytes.size() < kTrailerBytes) return absl::DataLossError("it ends too early");
  const absl::string_view trailer = bytes.substr(bytes.size() - kTrailerBytes);
  if (trailer.substr(kTrailerNumbers + 8) != kMagic) {
    return absl::DataLossError("it does not end as a cache does");
  }
  if (NumberAt(trailer, kTrailerNumbers) != Checksum(trailer.substr(0, kTrailerNumbers))) {
    return absl::DataLossError("its trailer fails its checksum");
  }
  return Trailer{NumberAt(trailer, 0), NumberAt(trailer, 8), NumberAt(trailer, 16)};
}

// The index before a trailer, of all but `pixels_here` of the pixels.
absl::StatusOr<ImageCacheIndex> ReadIndex(absl::string_view bytes, const Trailer& trailer,
                                          uint64_t pixels_here) {
  const uint64_t body = bytes.size() - kTrailerBytes;
  if (pixels_here > body || trailer.index_bytes != body - pixels_here ||
      trailer.index_bytes > kMaxIndexBytes) {
    return absl::DataLossError(
        absl::StrCat("it has ", bytes.size(), " bytes, its trailer says otherwise"));
  }
  const absl::string_view text = bytes.substr(pixels_here, trailer.index_bytes);
  if (trailer.index_checksum != Checksum(text)) {
    return absl::DataLossError("its index fails its checksum");
  }
  ImageCacheIndex index;
  if (!index.ParseFromArray(text.data(), static_cast<int>(text.size()))) {
    return absl::DataLossError("its index cannot be read");
  }
  SSNAS_RETURN_IF_ERROR(CheckIndex(index, trailer.pixel_bytes));
  return index;
}

// The whole file, to be unmapped.
absl::StatusOr<absl::string_view> Map(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) {
    return absl::DataLossError("it is no file, or empty");
  }
  const auto size = static_cast<size_t>(facts.st_size);
  const void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return ErrnoStatus("map", path, errno);
  return absl::string_view(static_cast<const char*>(mapped), size);
}

void Unmap(absl::string_view bytes) { munmap(const_cast<char*>(bytes.data()), bytes.size()); }

}  // namespace

std::string CacheTrailer(uint64_t pixel_bytes, absl::string_view index) {
  std::string trailer =
      absl::StrCat(Number(pixel_bytes), Number(index.size()), Number(Checksum(index)));
  absl::StrAppend(&trailer, Number(Checksum(trailer)), kMagic);
  return trailer;
}

absl::StatusOr<ImageCacheIndex> ReadCacheIndex(absl::string_view bytes) {
  SSNAS_ASSIGN_OR_RETURN(const Trailer trailer, ReadTrailer(bytes));
  return ReadIndex(bytes, trailer, trailer.pixel_bytes);
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
  const int fd = GuardedReading([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  SSNAS_ASSIGN_OR_RETURN(const absl::string_view bytes, Map(fd, path));
  auto cache = absl::WrapUnique(new ImageCache(bytes));
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

ImageCache::~ImageCache() { Unmap(mapped_); }

ImageView ImageCache::Get(int64_t index) const {
  return {.pixels = reinterpret_cast<const uint8_t*>(mapped_.data()) + offset_[index],
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
    const std::string& path, const std::string& key, const ParallelFor& parallel_for) {
  const std::string temporary = path + ".tmp";
  const int fd =
      GuardedCall([&] { return open(temporary.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); });
  if (fd < 0) return ErrnoStatus("create", temporary, errno);
  auto writer = absl::WrapUnique(new ImageCacheWriter(path, fd));
  if (!writer->TakeUp(key, parallel_for).ok()) {
    SSNAS_RETURN_IF_ERROR(writer->Cut(0, 0));
    writer->index_.set_key(key);
  }
  return writer;
}

// Changes nothing unless all of it is there and whole.
absl::Status ImageCacheWriter::TakeUp(const std::string& key, const ParallelFor& parallel_for) {
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(part(), kMaxIndexBytes + kTrailerBytes));
  SSNAS_ASSIGN_OR_RETURN(const Trailer trailer, ReadTrailer(text));
  SSNAS_ASSIGN_OR_RETURN(ImageCacheIndex index, ReadIndex(text, trailer, /*pixels_here=*/0));
  if (index.key() != key) return absl::FailedPreconditionError("it is of other images");
  SSNAS_ASSIGN_OR_RETURN(const absl::string_view bytes, Map(fd_, temporary()));
  const absl::Cleanup unmap = [bytes] { Unmap(bytes); };
  if (bytes.size() < trailer.pixel_bytes) return absl::DataLossError("it ends too early");
  SSNAS_RETURN_IF_ERROR(CheckPixels(bytes, index, parallel_for));
  const uint64_t begun = trailer.pixel_bytes % kBlockBytes;
  const uint64_t whole = trailer.pixel_bytes - begun;
  std::string block(bytes.substr(whole, begun));
  SSNAS_RETURN_IF_ERROR(Cut(trailer.pixel_bytes, whole));
  if (begun > 0) index.mutable_block_checksum()->RemoveLast();
  index_ = std::move(index);
  block_ = std::move(block);
  pixel_bytes_ = whole;
  return absl::OkStatus();
}

// The temporary file to its first `bytes`; the next write is at `position`.
absl::Status ImageCacheWriter::Cut(uint64_t bytes, uint64_t position) {
  if (GuardedCall([&] { return ftruncate(fd_, static_cast<off_t>(bytes)); }) != 0 ||
      lseek(fd_, static_cast<off_t>(position), SEEK_SET) < 0) {
    return ErrnoStatus("cut", temporary(), errno);
  }
  return absl::OkStatus();
}

ImageCacheWriter::~ImageCacheWriter() {
  if (fd_ < 0) return;
  close(fd_);
  GuardedCall([&] { return unlink(part().c_str()); });
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

absl::Status ImageCacheWriter::Keep() {
  ImageCacheIndex kept = index_;
  if (!block_.empty()) kept.add_block_checksum(Checksum(block_));
  const std::string index = kept.SerializeAsString();
  SSNAS_RETURN_IF_ERROR(WriteAll(fd_, temporary(), block_));
  SSNAS_RETURN_IF_ERROR(SyncDescriptor(fd_, temporary()));
  const uint64_t bytes = pixel_bytes_ + block_.size();
  SSNAS_RETURN_IF_ERROR(
      WriteFileAtomically(part(), absl::StrCat(index, CacheTrailer(bytes, index))));
  // The block that is begun is written once more when it is whole.
  return Cut(bytes, pixel_bytes_);
}

absl::Status ImageCacheWriter::LeaveForLater() {
  SSNAS_RETURN_IF_ERROR(Keep());
  close(std::exchange(fd_, -1));
  return absl::OkStatus();
}

absl::Status ImageCacheWriter::Finish() {
  if (!block_.empty()) SSNAS_RETURN_IF_ERROR(WriteBlock());
  auto& left_out = *index_.mutable_left_out();
  std::stable_sort(left_out.begin(), left_out.end(),
                   [](const auto& a, const auto& b) { return a.file() < b.file(); });
  const std::string index = index_.SerializeAsString();
  SSNAS_RETURN_IF_ERROR(
      WriteAll(fd_, temporary(), absl::StrCat(index, CacheTrailer(pixel_bytes_, index))));
  SSNAS_RETURN_IF_ERROR(SyncDescriptor(fd_, temporary()));
  SSNAS_RETURN_IF_ERROR(RenameSynced(temporary(), path_));
  close(std::exchange(fd_, -1));
  // An index of pixels that are no longer there is taken for none.
  GuardedCall([&] { return unlink(part().c_str()); });
  return absl::OkStatus();
}

}  // namespace ssnas
