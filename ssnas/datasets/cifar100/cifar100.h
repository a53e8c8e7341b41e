// CIFAR-100, binary version, from --data_dir: 50,000 training and 10,000 test images of 32×32 in
// 100 classes, or in their 20 superclasses.
//
// Two files, train.bin and test.bin, in the folder itself or in the archive's cifar-100-binary
// below it. A file is records of 3,074 bytes: the superclass, 0 … 19, the class, 0 … 99, then the
// red, the green and the blue plane, row by row. The test file is opened for Split::kTest alone.
// Config: labels, train_images, test_images.
// Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
// Example: example.textproto
#ifndef SSNAS_DATASETS_CIFAR100_CIFAR100_H_
#define SSNAS_DATASETS_CIFAR100_CIFAR100_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/cifar100/cifar100.pb.h"
#include "ssnas/datasets/dataset.h"

namespace ssnas {

class Cifar100 : public Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const Cifar100Config& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  explicit Cifar100(const Cifar100Config& config) : config_(config) {}
  const Cifar100Config config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_CIFAR100_CIFAR100_H_
