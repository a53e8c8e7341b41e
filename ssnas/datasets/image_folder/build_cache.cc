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
#include "absl/time/clock.h"
#include "absl/time/time.h"
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
constexpr absl::Duration kKeepEvery = absl::Seconds(30);

class Builder {
 public:
  explicit Builder(const CacheJob& job) : job_(job), decoder_(job.decoder), pool_(job.threads) {}

  absl::Status Run(const std::string& path) {
    const auto total = static_cast<int64_t>(job_.files.size());
    SSNAS_ASSIGN_OR_RETURN(writer_, ImageCacheWriter::Create(path, job_.key, pool_.parallel_for()));
    SSNAS_ASSIGN_OR_RETURN(const int64_t done, TakeUp());
    if (job_.progress != nullptr) {
      progress_ = std::make_unique<Progress>(*job_.progress, "[data] images", total, done);
      if (done > 0) {
        progress_->Note(absl::StrCat("[data] going on after ", Grouped(done), " of ",
                                     Grouped(total), " images"));
      }
    }
    const int64_t chunk = ChunkSize();
    absl::Time kept = absl::Now();
    for (int64_t first = done; first < total; first += chunk) {
      if (ShutdownSignal() != 0) return Stop(first);
      const int64_t count = std::min(chunk, total - first);
      SSNAS_RETURN_IF_ERROR(Write(first, Decode(first, count)));
      if (progress_ != nullptr) progress_->Update(first + count, count, "");
      if (absl::Now() - kept < kKeepEvery) continue;
      SSNAS_RETURN_IF_ERROR(writer_->Keep());
      kept = absl::Now();
    }
    const int kept_images = writer_->index().file_size();
    SSNAS_RETURN_IF_ERROR(writer_->Finish());
    if (progress_ != nullptr) {
      progress_->Finish(absl::StrCat(Grouped(kept_images), " decoded and kept"));
    }
    return absl::OkStatus();
  }

 private:
  using Decoded = std::vector<std::optional<absl::StatusOr<RgbImage>>>;

  int64_t ChunkSize() const {
    const int64_t image = int64_t{3} * job_.decoder.size * job_.decoder.size;
    return std::clamp(kChunkBytes / image, int64_t{job_.threads}, kMostInChunk * job_.threads);
  }

  // How many of the files an earlier job has done, each kept or left out.
  absl::StatusOr<int64_t> TakeUp() {
    const ImageCacheIndex& index = writer_->index();
    if (index.file_size() + index.left_out_size() == 0) {
      for (const LeftOutFile& file : job_.left_out) writer_->LeaveOut(file);
    }
    const int64_t done = int64_t{index.file_size()} + index.left_out_size() -
                         static_cast<int64_t>(job_.left_out.size());
    if (done < 0 || done > static_cast<int64_t>(job_.files.size())) {
      return absl::DataLossError("what an earlier start kept of the cache is not of this folder");
    }
    for (int i = 0; i < index.file_size(); ++i) {
      bytes_ += uint64_t{3} * index.height(i) * index.width(i);
    }
    return done;
  }

  absl::Status Stop(int64_t done) {
    SSNAS_RETURN_IF_ERROR(writer_->LeaveForLater());
    if (progress_ != nullptr) {
      progress_->Note(absl::StrCat("[data] stopped after ", Grouped(done), " of ",
                                   Grouped(static_cast<int64_t>(job_.files.size())),
                                   " images. The same command goes on from there."));
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
        writer_->LeaveOut(
            {.file = ShownPath(path), .reason = std::string(image.status().message())});
        continue;
      }
      SSNAS_RETURN_IF_ERROR(writer_->Add(path, *image));
    }
    return absl::OkStatus();
  }

  const CacheJob& job_;
  const ImageDecoder decoder_;
  ThreadPool pool_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<ImageCacheWriter> writer_;
  std::mutex large_;
  uint64_t bytes_ = 0;
};

}  // namespace

absl::Status BuildCache(const CacheJob& job, const std::string& path) {
  return Builder(job).Run(path);
}

}  // namespace ssnas
