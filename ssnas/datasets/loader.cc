#include "ssnas/datasets/loader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

absl::Status CheckImage(const ImageView& image, int64_t index) {
  if (image.height >= 1 && image.width >= 1 && (image.channels == 1 || image.channels == 3)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("image ", index, " is ", image.height, "×",
                                                 image.width, " with ", image.channels,
                                                 " channels; expected pixels of 1 or 3 channels"));
}

}  // namespace

// One mutex guards what workers and caller share: which batch is claimed next, which is given out
// next, and the finished ones between. Epochs are immutable and shared, so that a worker can see
// that its own is over.
class Loader::Impl {
 public:
  Impl(const ImageSet* images, const ViewPipeline* pipeline, const LoaderOptions& options)
      : images_(images), pipeline_(pipeline), options_(options) {
    CHECK(options.views >= 1 && options.views <= ViewPipeline::kMaxViews) << options.views;
    CHECK_GE(options.batch, 1);
    CHECK_GE(options.workers, 0);
    CHECK_GE(options.queue, 1);
    for (int i = 0; i < options.workers; ++i) workers_.emplace_back([this] { Work(); });
  }

  ~Impl() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      if (epoch_ != nullptr) epoch_->over = true;
    }
    may_claim_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  void Start(std::vector<int64_t> order, uint64_t number, int64_t first_batch) {
    CHECK_GE(first_batch, 0);
    auto epoch = std::make_shared<Epoch>();
    const int64_t images = static_cast<int64_t>(order.size());
    epoch->batches = (images + (options_.drop_last ? 0 : options_.batch - 1)) / options_.batch;
    epoch->order = std::move(order);
    epoch->number = number;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (epoch_ != nullptr) epoch_->over = true;
      epoch_ = std::move(epoch);
      next_claim_ = next_out_ = first_batch;
      finished_.clear();
    }
    may_claim_.notify_all();
  }

  absl::StatusOr<std::optional<Batch>> Next() {
    const auto start = std::chrono::steady_clock::now();
    absl::StatusOr<std::optional<Batch>> batch = workers_.empty() ? MakeNext() : TakeNext();
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    seconds_waited_ += waited.count();
    return batch;
  }

  double seconds_waited() const { return seconds_waited_; }

 private:
  struct Epoch {
    std::vector<int64_t> order;
    uint64_t number = 0;
    int64_t batches = 0;
    std::atomic<bool> over = false;  // nobody wants its batches any more
  };

  absl::StatusOr<std::optional<Batch>> MakeNext() {
    if (epoch_ == nullptr || next_out_ >= epoch_->batches) return std::nullopt;
    absl::StatusOr<Batch> batch = MakeBatch(*epoch_, next_out_);
    if (!batch.ok()) return batch.status();
    ++next_out_;
    return *std::move(batch);
  }

  absl::StatusOr<std::optional<Batch>> TakeNext() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (epoch_ == nullptr || next_out_ >= epoch_->batches) return std::nullopt;
    finished_some_.wait(lock, [this] { return finished_.count(next_out_) > 0; });
    const auto it = finished_.find(next_out_);
    // An error stays where it is: every later call meets it again.
    if (!it->second.ok()) return it->second.status();
    Batch batch = *std::move(it->second);
    finished_.erase(it);
    ++next_out_;
    lock.unlock();
    may_claim_.notify_one();
    return batch;
  }

  void Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      may_claim_.wait(lock, [this] {
        return stop_ || (epoch_ != nullptr && next_claim_ < epoch_->batches &&
                         next_claim_ < next_out_ + options_.queue);
      });
      if (stop_) return;
      const std::shared_ptr<Epoch> epoch = epoch_;
      const int64_t number = next_claim_++;
      lock.unlock();
      absl::StatusOr<Batch> batch = MakeBatch(*epoch, number);
      lock.lock();
      if (epoch != epoch_) continue;
      finished_.emplace(number, std::move(batch));
      finished_some_.notify_one();
    }
  }

  // What it returns for an epoch that is over is of no use to anyone.
  absl::StatusOr<Batch> MakeBatch(const Epoch& epoch, int64_t number) const {
    const int64_t first = number * options_.batch;
    const int64_t last = std::min<int64_t>(first + options_.batch, epoch.order.size());
    Batch batch;
    batch.indices.assign(epoch.order.begin() + first, epoch.order.begin() + last);
    int64_t row = 0;
    for (int view = 0; view < options_.views; ++view) {
      for (const int64_t index : batch.indices) {
        if (epoch.over) return absl::CancelledError("the epoch is over");
        const absl::Status status = AddView(epoch.number, index, view, row++, batch);
        if (!status.ok()) return status;
      }
    }
    return batch;
  }

  // Row `row` of the batch, whose first sets its shape.
  absl::Status AddView(uint64_t epoch, int64_t index, int view, int64_t row, Batch& batch) const {
    if (index < 0 || index >= images_->size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("image ", index, " of a set of ", images_->size()));
    }
    const ImageView image = images_->Get(index);
    const absl::Status status = CheckImage(image, index);
    if (!status.ok()) return status;
    const Shape4 shape{.n = options_.views * static_cast<int64_t>(batch.indices.size()),
                       .h = pipeline_->OutputSize(image.height),
                       .w = pipeline_->OutputSize(image.width),
                       .c = 3};
    if (row == 0) {
      batch.shape = shape;
      batch.pixels.resize(shape.count());
    } else if (shape != batch.shape) {
      return absl::InvalidArgumentError(
          absl::StrCat("the view of image ", index, " is ", shape.h, "×", shape.w,
                       ", others of its batch are ", batch.shape.h, "×", batch.shape.w,
                       "; images of different sizes need random_resized_crop or resize among the "
                       "augmentations"));
    }
    const ViewKey key{.seed = options_.seed, .epoch = epoch, .sample = index, .view = view};
    pipeline_->MakeView(image, key, &batch.pixels[row * (shape.h * shape.w * shape.c)]);
    return absl::OkStatus();
  }

  const ImageSet* const images_;
  const ViewPipeline* const pipeline_;
  const LoaderOptions options_;
  double seconds_waited_ = 0;  // the caller's own

  std::mutex mutex_;
  std::condition_variable may_claim_, finished_some_;
  bool stop_ = false;
  std::shared_ptr<Epoch> epoch_;
  int64_t next_claim_ = 0;  // below next_out_ + queue
  int64_t next_out_ = 0;
  std::map<int64_t, absl::StatusOr<Batch>> finished_;

  std::vector<std::thread> workers_;  // last: they use what is above
};

Loader::Loader(const ImageSet* images, const ViewPipeline* pipeline, LoaderOptions options)
    : impl_(std::make_unique<Impl>(images, pipeline, options)) {}
Loader::~Loader() = default;

void Loader::Start(std::vector<int64_t> order, uint64_t epoch, int64_t first_batch) {
  impl_->Start(std::move(order), epoch, first_batch);
}
absl::StatusOr<std::optional<Batch>> Loader::Next() { return impl_->Next(); }
double Loader::seconds_waited() const { return impl_->seconds_waited(); }

}  // namespace ssnas
