#include "ssnas/datasets/fashion_mnist/idx.h"

#include <zlib.h>

#include <limits>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

uint32_t BigEndian(absl::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

// Header and size.
absl::Status CheckIdx(absl::string_view bytes, const std::vector<uint32_t>& dimensions,
                      size_t header, size_t elements) {
  if (bytes.size() < header) {
    return absl::DataLossError(
        absl::StrCat("ends after ", bytes.size(), " bytes, in the header of ", header));
  }
  const uint32_t magic = BigEndian(bytes, 0), expected = 0x800 + dimensions.size();
  if (magic != expected) {
    return absl::DataLossError(absl::StrCat("begins with 0x", absl::Hex(magic, absl::kZeroPad8),
                                            "; expected 0x", absl::Hex(expected, absl::kZeroPad8)));
  }
  std::vector<uint32_t> found;
  for (size_t i = 0; i < dimensions.size(); ++i) found.push_back(BigEndian(bytes, 4 + 4 * i));
  if (found != dimensions) {
    return absl::DataLossError(absl::StrCat("is of ", absl::StrJoin(found, "×"), "; expected ",
                                            absl::StrJoin(dimensions, "×")));
  }
  if (bytes.size() != header + elements) {
    return absl::DataLossError(absl::StrCat("has ", bytes.size(), " bytes; its header says ",
                                            header + elements));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view bytes, size_t max_bytes) {
  CHECK_LT(max_bytes, std::numeric_limits<uInt>::max());
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    return absl::DataLossError("is larger than 4 GiB");
  }
  z_stream stream{};
  // 15: the largest window; 16: gzip's header and checksum.
  CHECK_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  const absl::Cleanup end = [&stream] { inflateEnd(&stream); };
  std::string contents(max_bytes + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(contents.data());
  stream.avail_out = static_cast<uInt>(contents.size());
  const int code = inflate(&stream, Z_FINISH);
  if (stream.avail_out == 0) {
    return absl::DataLossError(absl::StrCat("unpacks to more than ", max_bytes, " bytes"));
  }
  if (code != Z_STREAM_END) {
    return absl::DataLossError(absl::StrCat(
        "cannot be unpacked: ", stream.msg != nullptr ? stream.msg : "it ends too early"));
  }
  if (stream.avail_in != 0) {
    return absl::DataLossError(absl::StrCat("has ", stream.avail_in, " bytes after its end"));
  }
  contents.resize(stream.total_out);
  return contents;
}

absl::StatusOr<std::vector<uint8_t>> ParseIdx(absl::string_view bytes,
                                              const std::vector<uint32_t>& dimensions) {
  const size_t header = 4 + 4 * dimensions.size();
  size_t elements = 1;
  for (const uint32_t dimension : dimensions) elements *= dimension;
  std::string unpacked;
  if (absl::StartsWith(bytes, "\x1f\x8b")) {
    SSNAS_ASSIGN_OR_RETURN(unpacked, Gunzip(bytes, header + elements));
    bytes = unpacked;
  }
  SSNAS_RETURN_IF_ERROR(CheckIdx(bytes, dimensions, header, elements));
  bytes.remove_prefix(header);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace ssnas
