// The JSON header of a safetensors file, read as it streams by.
//
// Only what the format allows is taken, without building a document: memory goes with the number of
// tensors, and depth is bounded by the states below. Errors say which tensor and what is wrong with
// it.
#ifndef SSNAS_CORE_SAFETENSORS_HEADER_H_
#define SSNAS_CORE_SAFETENSORS_HEADER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // in the data after the header
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the header's order; names are unique
  std::map<std::string, std::string> metadata;
};

// Bytes of an element of F32, F64, I32, I64, U8; 0 of anything else.
int64_t SafetensorsElementBytes(absl::string_view dtype);

// InvalidArgument: not a header, with the place. Offsets are checked against the shape, not against
// each other or the file.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view text);

}  // namespace ssnas

#endif  // SSNAS_CORE_SAFETENSORS_HEADER_H_
