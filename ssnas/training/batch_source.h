// Training batches of one set of images: views, labels where the objective reads them, a new order
// each epoch.
#ifndef SSNAS_TRAINING_BATCH_SOURCE_H_
#define SSNAS_TRAINING_BATCH_SOURCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/tensor.h"
#include "ssnas/datasets/loader.h"
#include "ssnas/objectives/objective.h"
#include "ssnas/proto/plugin.pb.h"
#include "ssnas/training/data_source.h"

namespace ssnas {

struct TrainingBatch {
  View4<const float> images;         // views × images rows, view-major
  absl::Span<const int32_t> labels;  // one an image; empty unless the objective reads them
};

struct BatchSourceOptions {
  int64_t batch = 64;
  uint64_t seed = 0;
  int workers = 1;
  Purpose order = Purpose::kBatchOrder;  // of the epochs' orders
};

class BatchSource {
 public:
  // `indices` of training images. Labels are read here, and only if the objective uses them.
  static absl::StatusOr<std::unique_ptr<BatchSource>> Create(
      DataSource& data, const google::protobuf::RepeatedPtrField<PluginSpec>& augmentation,
      const Objective& objective, std::vector<int64_t> indices, const BatchSourceOptions& options);

  // From batch `first_batch` of the epoch on.
  void StartEpoch(int64_t epoch, int64_t first_batch);
  // Valid until the next call. OutOfRange past the epoch's last full batch.
  absl::StatusOr<TrainingBatch> Next();
  double seconds_waited() const { return loader_->seconds_waited(); }

 private:
  BatchSource(ViewPipeline pipeline, std::vector<int64_t> indices, BatchSourceOptions options);

  const ViewPipeline pipeline_;
  const std::vector<int64_t> indices_;
  const BatchSourceOptions options_;
  const std::vector<int32_t>* labels_ = nullptr;  // of all training images; null: not read
  std::unique_ptr<Loader> loader_;
  Batch batch_;
  std::vector<int32_t> batch_labels_;
};

// Height and width of the views that these augmentations make of the data set's images.
absl::StatusOr<int> ViewSize(const google::protobuf::RepeatedPtrField<PluginSpec>& augmentation,
                             const DataSource& data);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_BATCH_SOURCE_H_
