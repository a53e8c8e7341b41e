// The data set of a run: read on first use, and every read of labels or test images counted.
//
// Stages get their data here and nowhere else, so the counts prove what a search did not look at.
#ifndef SSNAS_TRAINING_DATA_SOURCE_H_
#define SSNAS_TRAINING_DATA_SOURCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

class DataSource {
 public:
  static absl::StatusOr<std::unique_ptr<DataSource>> Create(const PluginSpec& dataset,
                                                            const DatasetContext& context);

  DatasetInfo info() const { return dataset_->Info(); }
  // Images are read once and kept; errors are in area kData.
  absl::StatusOr<const ImageSet*> Images(Split split);
  absl::StatusOr<const std::vector<int32_t>*> Labels(Split split);

  // For data that takes long to prepare: where it shows that, and threads for it. Before the first
  // read.
  void SetPreparation(const ProgressOptions* progress, int threads);
  // Of the images read so far, training images first.
  std::vector<LeftOutFile> LeftOut() const;

  // Calls that reached the data set's labels, and its test files, so far.
  int64_t label_reads() const { return label_reads_; }
  int64_t test_reads() const { return test_reads_; }

 private:
  DataSource(std::unique_ptr<Dataset> dataset, DatasetContext context);

  std::unique_ptr<Dataset> dataset_;
  DatasetContext context_;
  std::unique_ptr<ImageSet> images_[2];
  std::unique_ptr<std::vector<int32_t>> labels_[2];
  int64_t label_reads_ = 0;
  int64_t test_reads_ = 0;
};

}  // namespace ssnas

#endif  // SSNAS_TRAINING_DATA_SOURCE_H_
