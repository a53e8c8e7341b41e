// Any bytes as the files of STL-10 are images, labels and folds, or DataLoss.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/stl10/fold_indices.h"
#include "ssnas/datasets/stl10/stl10.h"
#include "ssnas/datasets/testing/fuzzed_files.h"

namespace {

constexpr int64_t kFoldImages = 3, kImages = 5;

void CheckFolds(absl::string_view text) {
  for (int fold = 0; fold < 10; ++fold) {
    const auto indices = ssnas::ParseFold(text, fold, kFoldImages, kImages);
    if (!indices.ok()) {
      CHECK(absl::IsDataLoss(indices.status())) << indices.status();
      continue;
    }
    CHECK_EQ(static_cast<int64_t>(indices->size()), kFoldImages);
    for (const int64_t index : *indices) CHECK(index >= 0 && index < kImages) << index;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckFolds(bytes);
  const std::string folder =
      ssnas::WriteFuzzedFiles("stl10", {"train_X.bin", "train_y.bin", "fold_indices.txt"}, bytes);
  for (const int fold : {-1, 3}) {
    ssnas::Stl10Config config;
    config.set_train_images(1);
    config.set_fold_images(1);
    config.set_fold(fold);
    const auto dataset = ssnas::Stl10::Create(config);
    CHECK(dataset.ok()) << dataset.status();
    ssnas::CheckFuzzedDataset(**dataset, folder, ssnas::Split::kTrain);
  }
  return 0;
}
