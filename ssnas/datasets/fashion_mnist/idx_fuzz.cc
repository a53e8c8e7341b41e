// Any bytes are the elements that were asked for, or DataLoss.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/fashion_mnist/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const std::vector<uint32_t>& dimensions :
       {std::vector<uint32_t>{24}, std::vector<uint32_t>{2, 3, 4}}) {
    const auto elements = ssnas::ParseIdx(bytes, dimensions);
    if (elements.ok()) {
      CHECK_EQ(elements->size(), 24u);
    } else {
      CHECK(absl::IsDataLoss(elements.status())) << elements.status();
    }
  }
  return 0;
}
