// Safetensors files, written and read: named tensors that Python's `safetensors` opens as they are.
//
// Format: 8 bytes little-endian header length, a JSON header, the tensors' bytes without gaps.
// Reading checks everything against the file's size and caps the header, so that a hostile file
// ends in a Status that says where it is wrong.
#ifndef SSNAS_CORE_SAFETENSORS_H_
#define SSNAS_CORE_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

struct NamedTensor {
  std::string name;
  std::string dtype = "F32";  // F32, F64, I32, I64, U8
  std::vector<int64_t> shape;
  std::string bytes;  // little-endian, dense, row-major

  static NamedTensor FromFloats(std::string name, std::vector<int64_t> shape, const float* values);
  static NamedTensor FromInts(std::string name, const std::vector<int64_t>& values);
  // InvalidArgument when dtype or length are not as asked.
  absl::StatusOr<std::vector<float>> Floats(int64_t count) const;
  absl::StatusOr<std::vector<int64_t>> Ints() const;
};

struct TensorFile {
  std::vector<NamedTensor> tensors;  // names are unique; written wide elements first, then by name
  std::map<std::string, std::string> metadata;  // strings only, as the format has it

  // NotFound lists what is there.
  absl::StatusOr<const NamedTensor*> Find(absl::string_view name) const;
};

// Bytes of the file; the same input gives the same bytes.
std::string SerializeSafetensors(const TensorFile& file);
// `origin` (a path) is named in errors.
absl::StatusOr<TensorFile> ParseSafetensors(absl::string_view bytes, absl::string_view origin);

// Through core/file.h: temporary file, fsync, rename. What is written has a SHA-256 of its contents
// in its metadata, which is checked (DataLoss) and taken out again where it is read; files from
// elsewhere have none.
absl::Status WriteSafetensors(const std::string& path, const TensorFile& file);
absl::StatusOr<TensorFile> ReadSafetensors(const std::string& path);

}  // namespace ssnas

#endif  // SSNAS_CORE_SAFETENSORS_H_
