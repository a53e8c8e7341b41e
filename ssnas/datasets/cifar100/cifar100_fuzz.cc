// Any bytes as the training file of CIFAR-100 are images and labels of both kinds, or DataLoss.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/cifar100/cifar100.h"
#include "ssnas/datasets/testing/fuzzed_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string folder = ssnas::WriteFuzzedFiles("cifar100", {"train.bin"}, bytes);
  for (const auto labels : {ssnas::Cifar100Config::FINE, ssnas::Cifar100Config::COARSE}) {
    ssnas::Cifar100Config config;
    config.set_labels(labels);
    config.set_train_images(2);
    const auto dataset = ssnas::Cifar100::Create(config);
    CHECK(dataset.ok()) << dataset.status();
    ssnas::CheckFuzzedDataset(**dataset, folder, ssnas::Split::kTrain);
  }
  return 0;
}
