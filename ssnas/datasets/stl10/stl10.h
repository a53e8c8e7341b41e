// STL-10, binary version, from --data_dir: images of 96×96 in ten classes, 5,000 to train with,
// 8,000 to test with, and 100,000 without labels.
//
// train_X.bin, test_X.bin and unlabeled_X.bin, in the folder itself or in the archive's
// stl10_binary below it, hold the red, the green and the blue plane of each image, *column* by
// column; train_y.bin and test_y.bin a byte an image, 1 … 10. fold_indices.txt has ten lines of
// 1,000 indices of training images, counted from 0. Test files are opened for Split::kTest alone,
// labels for Labels alone.
//
// With `unlabeled` the training images are those without labels. They are turned into pixels once,
// into a cache that is checked and mapped (image_folder/image_cache.h), and so need no memory of
// their own; unlabeled_X.bin must stay, since the cache is of the file with its size and times.
// Config: unlabeled, fold, train_images, test_images, unlabeled_images, fold_images, cache_dir,
// max_cache_gb.
// Source: A. Coates, H. Lee, A. Ng, An analysis of single-layer networks in unsupervised feature
// learning, AISTATS 2011.
// Example: example.textproto
#ifndef SSNAS_DATASETS_STL10_STL10_H_
#define SSNAS_DATASETS_STL10_STL10_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/stl10/stl10.pb.h"

namespace ssnas {

class Stl10 : public Dataset {
 public:
  // InvalidArgument: outside the rules, or a fold of images that have no labels.
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const Stl10Config& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  // FailedPrecondition with `unlabeled`.
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  explicit Stl10(const Stl10Config& config) : config_(config) {}
  const Stl10Config config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_STL10_STL10_H_
