// Any text is a genotype that prints and reads the same again, or the user's error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "ssnas/core/logging.h"
#include "ssnas/networks/genotype.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto cell = ssnas::ParseArchitecture(text, "input");
  if (!cell.ok()) {
    CHECK(absl::IsInvalidArgument(cell.status())) << cell.status();
    return 0;
  }
  const std::string printed = ssnas::PrintArchitecture(*cell);
  const auto again = ssnas::ParseArchitecture(printed, "printed");
  CHECK(again.ok()) << again.status();
  CHECK(ssnas::PrintArchitecture(*again) == printed);
  return 0;
}
