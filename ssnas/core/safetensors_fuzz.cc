// Any bytes are a safetensors file that is written again to the same tensors, or an error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "ssnas/core/logging.h"
#include "ssnas/core/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto file = ssnas::ParseSafetensors(bytes, "input");
  if (!file.ok()) return 0;
  const std::string written = ssnas::SerializeSafetensors(*file);
  const auto again = ssnas::ParseSafetensors(written, "written");
  CHECK(again.ok()) << again.status();
  CHECK_EQ(again->tensors.size(), file->tensors.size());
  CHECK(ssnas::SerializeSafetensors(*again) == written);
  return 0;
}
