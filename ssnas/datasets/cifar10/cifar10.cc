#include "ssnas/datasets/cifar10/cifar10.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/planar_records.h"

namespace ssnas {
namespace {

constexpr int kSize = 32, kClasses = 10;

RecordFiles Files(Split split, int64_t images_per_file) {
  RecordFiles files = {
      .release = {.dataset = "cifar10",
                  .expected = "the six files of the binary version",
                  .archive =
                      "cifar-10-binary.tar.gz (162 MB, md5 c32a1d4ab5d03f1284b67883e8d87530)",
                  .folder = "cifar-10-batches-bin"},
      .layout = {.label_bytes = 1, .size = kSize},
      .names = {},
      .records = images_per_file};
  if (split == Split::kTest) {
    files.names = {"test_batch.bin"};
  } else {
    for (int i = 1; i <= 5; ++i) files.names.push_back(absl::StrCat("data_batch_", i, ".bin"));
  }
  return files;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> Cifar10::Create(const Cifar10Config& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("cifar10", config));
  return std::unique_ptr<Dataset>(new Cifar10(config));
}

DatasetInfo Cifar10::Info() const {
  return {.title = "CIFAR-10",
          .num_classes = kClasses,
          .image_size = kSize,
          .train_size = 5 * images_per_file_,
          .test_size = images_per_file_};
}

absl::StatusOr<std::unique_ptr<ImageSet>> Cifar10::Images(const DatasetContext& context,
                                                          Split split) const {
  return ReadPlanarImages(Files(split, images_per_file_), context.data_dir);
}

absl::StatusOr<std::vector<int32_t>> Cifar10::Labels(const DatasetContext& context,
                                                     Split split) const {
  return ReadRecordLabels(Files(split, images_per_file_), {.classes = kClasses}, context.data_dir);
}

}  // namespace ssnas
