// CIFAR-10, binary version, from --data_dir: 50,000 training and 10,000 test images of 32×32 in ten classes.
//
// Five files data_batch_1.bin … data_batch_5.bin and test_batch.bin, in the folder itself or in the archive's
// cifar-10-batches-bin below it. A file is images_per_file records of 3,073 bytes: a label, 0 … 9, then the
// red, the green and the blue plane, row by row. The test file is opened for Split::kTest alone.
// Config: images_per_file. Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
// Example: example.textproto
#ifndef SSNAS_DATASETS_CIFAR10_CIFAR10_H_
#define SSNAS_DATASETS_CIFAR10_CIFAR10_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/cifar10/cifar10.pb.h"
#include "ssnas/datasets/dataset.h"

namespace ssnas {

class Cifar10 : public Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const Cifar10Config& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  explicit Cifar10(const Cifar10Config& config) : images_per_file_(config.images_per_file()) {}
  const int64_t images_per_file_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_CIFAR10_CIFAR10_H_
