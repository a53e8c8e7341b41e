#include "ssnas/datasets/fashion_mnist/fashion_mnist.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/fashion_mnist/idx.h"
#include "ssnas/datasets/packed_images.h"
#include "ssnas/datasets/runfiles.h"

namespace ssnas {
namespace {

constexpr uint32_t kSize = 28;
constexpr char kPackage[] = "debian/fashion_mnist/usr/share/datasets/fashion-mnist";

std::string FileName(Split split, const char* what) {
  return absl::StrCat(split == Split::kTrain ? "train" : "t10k", "-", what, "-ubyte");
}

// `name`.gz or `name` in --data_dir, or in the package that the build brings along.
absl::StatusOr<std::string> FindData(const std::string& data_dir, const std::string& name) {
  if (data_dir.empty()) return FindRunfile(absl::StrCat(kPackage, "/", name, ".gz"));
  for (const char* ending : {".gz", ""}) {
    std::string path = JoinPath(data_dir, absl::StrCat(name, ending));
    if (PathExists(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat(
      "fashion_mnist: ", name, ".gz not found in ", data_dir,
      ". Put the four IDX files there, gzipped or not (train-images-idx3-ubyte, "
      "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), or leave out "
      "--data_dir: the build brings them along"));
}

absl::StatusOr<std::vector<uint8_t>> ReadIdx(const std::string& data_dir, const std::string& name,
                                             const std::vector<uint32_t>& dimensions) {
  SSNAS_ASSIGN_OR_RETURN(const std::string path, FindData(data_dir, name));
  SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, uint64_t{1} << 30));
  absl::StatusOr<std::vector<uint8_t>> elements = ParseIdx(bytes, dimensions);
  if (elements.ok()) return elements;
  return absl::Status(
      elements.status().code(),
      absl::StrCat("fashion_mnist: ", path, " ", elements.status().message(),
                   ". Get the file again", data_dir.empty() ? "" : ", or leave out --data_dir"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> FashionMnist::Create(const FashionMnistConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("fashion_mnist", config));
  return std::unique_ptr<Dataset>(new FashionMnist(config));
}

uint32_t FashionMnist::Count(Split split) const {
  return split == Split::kTrain ? config_.train_images() : config_.test_images();
}

DatasetInfo FashionMnist::Info() const {
  return {.title = "Fashion-MNIST",
          .num_classes = 10,
          .image_size = kSize,
          .train_size = config_.train_images(),
          .test_size = config_.test_images()};
}

absl::StatusOr<std::unique_ptr<ImageSet>> FashionMnist::Images(const DatasetContext& context,
                                                               Split split) const {
  SSNAS_ASSIGN_OR_RETURN(
      std::vector<uint8_t> pixels,
      ReadIdx(context.data_dir, FileName(split, "images-idx3"), {Count(split), kSize, kSize}));
  return std::make_unique<PackedImages>(kSize, kSize, 1, std::move(pixels));
}

absl::StatusOr<std::vector<int32_t>> FashionMnist::Labels(const DatasetContext& context,
                                                          Split split) const {
  const std::string name = FileName(split, "labels-idx1");
  SSNAS_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes,
                         ReadIdx(context.data_dir, name, {Count(split)}));
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] > 9) {
      return absl::DataLossError(absl::StrCat("fashion_mnist: ", name, ": image ", i, " has label ",
                                              bytes[i], "; expected 0 to 9. Get the file again"));
    }
  }
  return std::vector<int32_t>(bytes.begin(), bytes.end());
}

}  // namespace ssnas
