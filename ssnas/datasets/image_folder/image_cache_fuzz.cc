// Any bytes are a cache whose images lie inside it, or an error: as they are, and as an index under
// a trailer whose checksums are right.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/datasets/image_folder/image_cache.h"

namespace {

void Check(absl::string_view bytes) {
  const auto index = ssnas::ReadCacheIndex(bytes);
  if (!index.ok()) {
    CHECK(!index.status().message().empty());
    return;
  }
  uint64_t pixel_bytes = 0;
  CHECK_EQ(index->height_size(), index->file_size());
  CHECK_EQ(index->width_size(), index->file_size());
  for (int i = 0; i < index->file_size(); ++i) {
    CHECK(index->height(i) > 0 && index->width(i) > 0);
    pixel_bytes += uint64_t{3} * index->height(i) * index->width(i);
  }
  CHECK_LT(pixel_bytes, bytes.size());
  (void)ssnas::CheckPixels(bytes, *index, ssnas::SerialFor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check(bytes);
  if (size < 2) return 0;
  const size_t pixel_bytes = size_t{data[0]} << 8 | data[1];
  const absl::string_view index = bytes.substr(2);
  Check(
      absl::StrCat(std::string(pixel_bytes, '\7'), index, ssnas::CacheTrailer(pixel_bytes, index)));
  return 0;
}
