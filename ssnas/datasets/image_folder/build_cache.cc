#include "ssnas/datasets/image_folder/build_cache.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/readable.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/datasets/image_folder/image_cache.h"

namespace ssnas {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{1} << 29;
constexpr int64_t kLargeFileBytes = int64_t{1} << 26;  // such are read one at a time
// Decoded images that wait to be written.
constexpr int64_t kChunkBytes = int64_t{1} << 27;
constexpr int64_t kMostInChunk = 64;  // for each thread, so that the bar moves

class Builder {
 public:
  explicit Builder(const CacheJob& job) : job_(job), decoder_(job.decoder), pool_(job.threads) {}

  absl::Status Run(const std::string& path) {
    const auto total = static_cast<int64_t>(job_.files.size());
    if (job_.progress != nullptr) {
      progress_ = std::make_unique<Progress>(*job_.progress, "[data] images", total, 0);
    }
    left_out_ = job_.left_out;
    SSNAS_ASSIGN_OR_RETURN(writer_, ImageCacheWriter::Create(path));
    const int64_t chunk = ChunkSize();
    for (int64_t first = 0; first < total; first += chunk) {
      if (ShutdownSignal() != 0) return Stop();
      const int64_t count = std::min(chunk, total - first);
      SSNAS_RETURN_IF_ERROR(Write(first, Decode(first, count)));
      if (progress_ != nullptr) progress_->Update(first + count, count, "");
    }
    std::stable_sort(left_out_.begin(), left_out_.end(),
                     [](const LeftOutFile& a, const LeftOutFile& b) { return a.file < b.file; });
    for (const LeftOutFile& file : left_out_) writer_->LeaveOut(file);
    SSNAS_RETURN_IF_ERROR(writer_->Finish(job_.key));
    if (progress_ != nullptr) {
      progress_->Finish(absl::StrCat(Grouped(kept_), " decoded and kept"));
    }
    return absl::OkStatus();
  }

 private:
  using Decoded = std::vector<std::optional<absl::StatusOr<RgbImage>>>;

  int64_t ChunkSize() const {
    const int64_t image = int64_t{3} * job_.decoder.size * job_.decoder.size;
    return std::clamp(kChunkBytes / image, int64_t{job_.threads}, kMostInChunk * job_.threads);
  }

  absl::Status Stop() {
    if (progress_ != nullptr) {
      progress_->Note("[data] stopped before all images were decoded; the next start begins anew");
    }
    return StoppedStatus();
  }

  absl::StatusOr<RgbImage> DecodeFile(const ImageFile& file) {
    std::unique_lock<std::mutex> one_at_a_time(large_, std::defer_lock);
    if (file.bytes > kLargeFileBytes) one_at_a_time.lock();
    SSNAS_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadFileBelow(job_.folder, file.path, kMaxFileBytes));
    return decoder_.Decode(bytes);
  }

  // Whoever is free takes the next file; what it gives goes to that file's place.
  Decoded Decode(int64_t first, int64_t count) {
    Decoded decoded(count);
    std::atomic<int64_t> next{0};
    pool_.For(pool_.threads(), [&](int64_t, int64_t) {
      for (int64_t i; (i = next++) < count;) decoded[i] = DecodeFile(job_.files[first + i]);
    });
    return decoded;
  }

  absl::Status Write(int64_t first, const Decoded& decoded) {
    for (const auto& image : decoded) bytes_ += image->ok() ? (*image)->pixels.size() : 0;
    SSNAS_RETURN_IF_ERROR(job_.may_take(bytes_));
    for (size_t i = 0; i < decoded.size(); ++i) {
      const std::string& path = job_.files[first + static_cast<int64_t>(i)].path;
      const absl::StatusOr<RgbImage>& image = *decoded[i];
      if (!image.ok()) {
        left_out_.push_back(
            {.file = ShownPath(path), .reason = std::string(image.status().message())});
        continue;
      }
      SSNAS_RETURN_IF_ERROR(writer_->Add(path, *image));
      ++kept_;
    }
    return absl::OkStatus();
  }

  const CacheJob& job_;
  const ImageDecoder decoder_;
  ThreadPool pool_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<ImageCacheWriter> writer_;
  std::vector<LeftOutFile> left_out_;
  std::mutex large_;
  uint64_t bytes_ = 0;
  int64_t kept_ = 0;
};

}  // namespace

absl::Status BuildCache(const CacheJob& job, const std::string& path) {
  return Builder(job).Run(path);
}

}  // namespace ssnas
