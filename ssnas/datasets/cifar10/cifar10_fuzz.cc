// Any bytes as the batches of CIFAR-10 are images and labels, or DataLoss.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/cifar10/cifar10.h"
#include "ssnas/datasets/testing/fuzzed_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string folder =
      ssnas::WriteFuzzedFiles("cifar10",
                              {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                               "data_batch_4.bin", "data_batch_5.bin"},
                              bytes);
  ssnas::Cifar10Config config;
  config.set_images_per_file(2);
  const auto dataset = ssnas::Cifar10::Create(config);
  CHECK(dataset.ok()) << dataset.status();
  ssnas::CheckFuzzedDataset(**dataset, folder, ssnas::Split::kTrain);
  return 0;
}
