#include "ssnas/datasets/stl10/stl10.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/planar_records.h"
#include "ssnas/datasets/stl10/fold_indices.h"
#include "ssnas/datasets/stl10/unlabeled_images.h"

namespace ssnas {
namespace {

constexpr int kSize = 96, kClasses = 10;
constexpr PlanarLayout kImage = {.label_bytes = 0, .size = kSize, .column_major = true};
constexpr PlanarLayout kLabel = {.label_bytes = 1};
constexpr char kFolds[] = "fold_indices.txt";
constexpr uint64_t kMaxFoldBytes = 1 << 20;

PublishedFiles Release() {
  return {.dataset = "stl10",
          .expected = "the files of the binary version",
          .archive = "stl10_binary.tar.gz (2.6 GB, md5 91f7769df0f17e558f3565bffb0c7dfb)",
          .folder = "stl10_binary"};
}

RecordFiles Labelled(const Stl10Config& config, Split split, const PlanarLayout& layout) {
  const bool test = split == Split::kTest;
  return {.release = Release(),
          .layout = layout,
          .names = {absl::StrCat(test ? "test" : "train", layout.size > 0 ? "_X.bin" : "_y.bin")},
          .records = test ? config.test_images() : config.train_images()};
}

absl::StatusOr<std::vector<int64_t>> ReadFold(const Stl10Config& config,
                                              const std::string& data_dir) {
  const PublishedFiles release = Release();
  const std::string path = PathOfFile(release, data_dir, kFolds);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxFoldBytes);
  if (absl::IsNotFound(text.status())) return MissingFile(release, data_dir, kFolds);
  if (absl::IsResourceExhausted(text.status())) {
    return Damaged(release, path, absl::StrCat(" has more than ", kMaxFoldBytes, " bytes"));
  }
  if (!text.ok()) return text.status();
  auto fold = ParseFold(*text, config.fold(), config.fold_images(), config.train_images());
  if (fold.ok()) return fold;
  return Damaged(release, path, absl::StrCat(": ", fold.status().message()));
}

class FoldImages : public ImageSet {
 public:
  FoldImages(std::unique_ptr<ImageSet> all, std::vector<int64_t> fold)
      : all_(std::move(all)), fold_(std::move(fold)) {}
  int64_t size() const override { return static_cast<int64_t>(fold_.size()); }
  ImageView Get(int64_t index) const override { return all_->Get(fold_[index]); }

 private:
  const std::unique_ptr<ImageSet> all_;
  const std::vector<int64_t> fold_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> Stl10::Create(const Stl10Config& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("stl10", config));
  if (config.unlabeled() && config.fold() >= 0) {
    return absl::InvalidArgumentError(
        "stl10: folds are of the images with labels; set fold to -1, or unlabeled to false");
  }
  return std::unique_ptr<Dataset>(new Stl10(config));
}

DatasetInfo Stl10::Info() const {
  const int64_t labelled = config_.fold() >= 0 ? config_.fold_images() : config_.train_images();
  return {.title = "STL-10",
          .num_classes = config_.unlabeled() ? 0 : kClasses,
          .image_size = kSize,
          .train_size = config_.unlabeled() ? config_.unlabeled_images() : labelled,
          .test_size = config_.test_images()};
}

absl::StatusOr<std::unique_ptr<ImageSet>> Stl10::Images(const DatasetContext& context,
                                                        Split split) const {
  if (split == Split::kTrain && config_.unlabeled()) {
    const RecordFiles files = {.release = Release(),
                               .layout = kImage,
                               .names = {"unlabeled_X.bin"},
                               .records = config_.unlabeled_images()};
    return OpenUnlabeledImages(files, config_, context);
  }
  SSNAS_ASSIGN_OR_RETURN(std::unique_ptr<ImageSet> images,
                         ReadPlanarImages(Labelled(config_, split, kImage), context.data_dir));
  if (split == Split::kTest || config_.fold() < 0) return images;
  SSNAS_ASSIGN_OR_RETURN(std::vector<int64_t> fold, ReadFold(config_, context.data_dir));
  return std::make_unique<FoldImages>(std::move(images), std::move(fold));
}

absl::StatusOr<std::vector<int32_t>> Stl10::Labels(const DatasetContext& context,
                                                   Split split) const {
  if (config_.unlabeled()) {
    return absl::FailedPreconditionError(
        "stl10: with unlabeled: true no label can be read. Set dataset.config.unlabeled to false "
        "where labels are needed.");
  }
  SSNAS_ASSIGN_OR_RETURN(const std::vector<int32_t> all,
                         ReadRecordLabels(Labelled(config_, split, kLabel),
                                          {.first = 1, .classes = kClasses}, context.data_dir));
  if (split == Split::kTest || config_.fold() < 0) return all;
  SSNAS_ASSIGN_OR_RETURN(const std::vector<int64_t> fold, ReadFold(config_, context.data_dir));
  std::vector<int32_t> labels;
  for (const int64_t index : fold) labels.push_back(all[index]);
  return labels;
}

}  // namespace ssnas
