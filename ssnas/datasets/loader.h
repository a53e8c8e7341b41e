// Batches of views, prepared by worker threads while the step runs, in a pinned order.
//
// A batch is named by the images it holds and the epoch; what it holds does not depend on the number of
// workers. Workers = 0 makes each batch in the caller's thread.
//
// Example:
//   Loader loader(&images, &pipeline, {.views = 2, .batch = 32, .seed = 1, .workers = 1});
//   loader.Start(order, epoch, first_batch);            // order: image indices of the epoch
//   while (auto batch = loader.Next()) { … }
#ifndef SSNAS_DATASETS_LOADER_H_
#define SSNAS_DATASETS_LOADER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/tensor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/view_pipeline.h"

namespace ssnas {

struct Batch {
  std::vector<int64_t> indices;  // of the images
  Shape4 shape;                  // rows = views · images, view-major
  std::vector<float> pixels;     // NHWC
};

struct LoaderOptions {
  int views = 2;
  int64_t batch = 64;
  uint64_t seed = 0;
  int workers = 1;
  int queue = 4;  // finished batches kept ready, at most
  bool drop_last = true;  // only full batches (training); false: the last may be smaller
};

class Loader {
 public:
  // `images` and `pipeline` outlive the loader.
  Loader(const ImageSet* images, const ViewPipeline* pipeline, LoaderOptions options);
  ~Loader();

  // Starts an epoch over `order` at its batch number `first_batch`; drops what was under way.
  void Start(std::vector<int64_t> order, uint64_t epoch, int64_t first_batch = 0);
  // The next batch in order; empty at the end of the epoch. InvalidArgument when views differ in size.
  absl::StatusOr<std::optional<Batch>> Next();
  // Seconds that Next spent waiting, since the loader was made.
  double seconds_waited() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_LOADER_H_
