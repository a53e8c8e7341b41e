#include "ssnas/datasets/cifar100/cifar100.h"

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/planar_records.h"

namespace ssnas {
namespace {

constexpr int kSize = 32;

// The bytes before an image.
constexpr LabelByte kCoarse = {.offset = 0, .classes = 20}, kFine = {.offset = 1, .classes = 100};

LabelByte LabelOf(const Cifar100Config& config) {
  return config.labels() == Cifar100Config::COARSE ? kCoarse : kFine;
}

RecordFiles Files(const Cifar100Config& config, Split split) {
  const bool test = split == Split::kTest;
  return {.release = {.dataset = "cifar100",
                      .expected = "train.bin and test.bin of the binary version",
                      .archive =
                          "cifar-100-binary.tar.gz (161 MB, md5 03b5dce01913d631647c71ecec9e9cb8)",
                      .folder = "cifar-100-binary"},
          .layout = {.label_bytes = 2, .size = kSize},
          .names = {test ? "test.bin" : "train.bin"},
          .records = test ? config.test_images() : config.train_images()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> Cifar100::Create(const Cifar100Config& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("cifar100", config));
  return std::unique_ptr<Dataset>(new Cifar100(config));
}

DatasetInfo Cifar100::Info() const {
  return {.title = "CIFAR-100",
          .num_classes = LabelOf(config_).classes,
          .image_size = kSize,
          .train_size = config_.train_images(),
          .test_size = config_.test_images()};
}

absl::StatusOr<std::unique_ptr<ImageSet>> Cifar100::Images(const DatasetContext& context,
                                                           Split split) const {
  return ReadPlanarImages(Files(config_, split), context.data_dir);
}

absl::StatusOr<std::vector<int32_t>> Cifar100::Labels(const DatasetContext& context,
                                                      Split split) const {
  return ReadRecordLabels(Files(config_, split), LabelOf(config_), context.data_dir);
}

}  // namespace ssnas
