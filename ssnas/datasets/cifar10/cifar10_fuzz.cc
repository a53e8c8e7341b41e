// Any bytes as the batches of CIFAR-10 are images and labels, or DataLoss.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/cifar10/cifar10.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const char* const temporary = std::getenv("TEST_TMPDIR");
  const std::string folder =
      ssnas::JoinPath(temporary == nullptr ? "." : temporary, "fuzzed_cifar10");
  CHECK_EQ(ssnas::MakeFolders(folder), absl::OkStatus());
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (int i = 1; i <= 5; ++i) {
    const std::string path = ssnas::JoinPath(folder, absl::StrCat("data_batch_", i, ".bin"));
    CHECK_EQ(ssnas::WriteFileSynced(path, bytes), absl::OkStatus());
  }
  ssnas::Cifar10Config config;
  config.set_images_per_file(2);
  const auto dataset = ssnas::Cifar10::Create(config);
  CHECK(dataset.ok()) << dataset.status();
  const ssnas::DatasetContext context{.data_dir = folder};
  const auto images = (*dataset)->Images(context, ssnas::Split::kTrain);
  const auto labels = (*dataset)->Labels(context, ssnas::Split::kTrain);
  if (images.ok()) {
    CHECK_EQ((*images)->size(), 10);
  } else {
    CHECK(absl::IsDataLoss(images.status())) << images.status();
  }
  if (labels.ok()) {
    CHECK(images.ok());
    for (const int32_t label : *labels) CHECK(label >= 0 && label <= 9) << label;
  } else {
    CHECK(absl::IsDataLoss(labels.status())) << labels.status();
  }
  return 0;
}
