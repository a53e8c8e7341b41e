// Fashion-MNIST: 60,000 training and 10,000 test images of 28×28 in grey, ten kinds of clothing.
//
// Four IDX files (fashion_mnist/idx.h), gzipped or not: from --data_dir if that is given, else those of the Debian
// package that the build brings along. The two t10k files are opened for Split::kTest alone, the two label files
// for Labels alone.
// Config: numbers of images. Source: Xiao, Rasul, Vollgraf, arXiv 1708.07747. Example: example.textproto
#ifndef SSNAS_DATASETS_FASHION_MNIST_FASHION_MNIST_H_
#define SSNAS_DATASETS_FASHION_MNIST_FASHION_MNIST_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/fashion_mnist/fashion_mnist.pb.h"

namespace ssnas {

class FashionMnist : public Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const FashionMnistConfig& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  explicit FashionMnist(const FashionMnistConfig& config) : config_(config) {}
  uint32_t Count(Split split) const;

  const FashionMnistConfig config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_FASHION_MNIST_FASHION_MNIST_H_
