#include "ssnas/datasets/testing/fuzzed_files.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"

namespace ssnas {

std::string WriteFuzzedFiles(const std::string& target, const std::vector<std::string>& names,
                             absl::string_view bytes) {
  const char* const temporary = std::getenv("TEST_TMPDIR");
  const std::string folder =
      JoinPath(temporary == nullptr ? "." : temporary, absl::StrCat("fuzzed_", target));
  CHECK_EQ(MakeFolders(folder), absl::OkStatus());
  for (const std::string& name : names) {
    CHECK_EQ(WriteFileSynced(JoinPath(folder, name), bytes), absl::OkStatus());
  }
  return folder;
}

void CheckFuzzedDataset(const Dataset& dataset, const std::string& folder, Split split) {
  const DatasetInfo info = dataset.Info();
  const int64_t size = split == Split::kTrain ? info.train_size : info.test_size;
  const DatasetContext context{.data_dir = folder};
  const auto images = dataset.Images(context, split);
  const auto labels = dataset.Labels(context, split);
  if (images.ok()) {
    CHECK_EQ((*images)->size(), size);
  } else {
    CHECK(absl::IsDataLoss(images.status())) << images.status();
  }
  if (labels.ok()) {
    CHECK_EQ(static_cast<int64_t>(labels->size()), size);
    for (const int32_t label : *labels) CHECK(label >= 0 && label < info.num_classes) << label;
  } else {
    CHECK(absl::IsDataLoss(labels.status())) << labels.status();
  }
}

}  // namespace ssnas
