#include "ssnas/datasets/cifar10/cifar10.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/packed_images.h"

namespace ssnas {
namespace {

constexpr int kSize = 32, kChannels = 3;
constexpr size_t kPlane = kSize * kSize;
constexpr size_t kRecord = 1 + kChannels * kPlane;
constexpr char kArchive[] = "cifar-10-binary.tar.gz (162 MB, md5 c32a1d4ab5d03f1284b67883e8d87530)";
constexpr char kFolder[] = "cifar-10-batches-bin";

std::vector<std::string> FileNames(Split split) {
  if (split == Split::kTest) return {"test_batch.bin"};
  std::vector<std::string> names;
  for (int i = 1; i <= 5; ++i) names.push_back(absl::StrCat("data_batch_", i, ".bin"));
  return names;
}

absl::Status Missing(const std::string& name, const std::string& folder) {
  return absl::NotFoundError(
      absl::StrCat("cifar10: ", name, " not found", folder.empty() ? "" : " in ", folder,
                   ". Expected the six files of the binary version: get ", kArchive,
                   ", unpack it, and give the folder that has them with --data_dir"));
}

// The folder of the files: --data_dir, or the archive's own folder in it.
std::string FolderOf(const std::string& data_dir, const std::string& name) {
  std::string below = JoinPath(data_dir, kFolder);
  const bool is_below = !PathExists(JoinPath(data_dir, name)) && PathExists(JoinPath(below, name));
  return is_below ? below : data_dir;
}

absl::StatusOr<std::string> ReadBatch(const std::string& data_dir, const std::string& name,
                                      int64_t images) {
  if (data_dir.empty()) return Missing(name, "");
  const std::string path = JoinPath(FolderOf(data_dir, name), name);
  const size_t size = images * kRecord;
  absl::StatusOr<std::string> bytes = ReadFile(path, size);
  if (absl::IsNotFound(bytes.status())) return Missing(name, data_dir);
  const bool larger = absl::IsResourceExhausted(bytes.status());
  if (!bytes.ok() && !larger) return bytes.status();
  if (larger || bytes->size() != size) {
    return absl::DataLossError(absl::StrCat(
        "cifar10: ", path, " has ",
        larger ? absl::StrCat("more than ", size) : absl::StrCat(bytes->size()),
        " bytes; expected ", size, " (", images, " images). Unpack ", kArchive, " again"));
  }
  return bytes;
}

// Planes to pixels.
void AppendImage(absl::string_view planes, std::vector<uint8_t>& pixels) {
  for (size_t i = 0; i < kPlane; ++i) {
    for (int c = 0; c < kChannels; ++c) {
      pixels.push_back(static_cast<uint8_t>(planes[c * kPlane + i]));
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> Cifar10::Create(const Cifar10Config& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("cifar10", config));
  return std::unique_ptr<Dataset>(new Cifar10(config));
}

DatasetInfo Cifar10::Info() const {
  return {.title = "CIFAR-10",
          .num_classes = 10,
          .image_size = kSize,
          .train_size = 5 * images_per_file_,
          .test_size = images_per_file_};
}

absl::StatusOr<std::unique_ptr<ImageSet>> Cifar10::Images(const DatasetContext& context,
                                                          Split split) const {
  const std::vector<std::string> names = FileNames(split);
  std::vector<uint8_t> pixels;
  for (const std::string& name : names) {
    SSNAS_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadBatch(context.data_dir, name, images_per_file_));
    pixels.reserve(names.size() * images_per_file_ * kChannels * kPlane);
    for (int64_t i = 0; i < images_per_file_; ++i) {
      AppendImage(absl::string_view(bytes).substr(i * kRecord + 1, kRecord - 1), pixels);
    }
  }
  return std::make_unique<PackedImages>(kSize, kSize, kChannels, std::move(pixels));
}

absl::StatusOr<std::vector<int32_t>> Cifar10::Labels(const DatasetContext& context,
                                                     Split split) const {
  std::vector<int32_t> labels;
  for (const std::string& name : FileNames(split)) {
    SSNAS_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadBatch(context.data_dir, name, images_per_file_));
    for (int64_t i = 0; i < images_per_file_; ++i) {
      const int label = static_cast<uint8_t>(bytes[i * kRecord]);
      if (label > 9) {
        return absl::DataLossError(absl::StrCat(
            "cifar10: ", JoinPath(FolderOf(context.data_dir, name), name), ": image ", i,
            " has label ", label, "; expected 0 to 9. Unpack ", kArchive, " again"));
      }
      labels.push_back(label);
    }
  }
  return labels;
}

}  // namespace ssnas
