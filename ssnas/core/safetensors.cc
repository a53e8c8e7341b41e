#include "ssnas/core/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kMaxHeader = 100 << 20;  // what Python's reader allows
constexpr int kMaxNesting = 8;              // a header has 3 levels
constexpr int kMaxDimensions = 16;

int64_t BytesOf(absl::string_view dtype) {
  if (dtype == "F32" || dtype == "I32") return 4;
  if (dtype == "F64" || dtype == "I64") return 8;
  return dtype == "U8" ? 1 : 0;
}

absl::Status Damaged(absl::string_view origin, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(origin, ": not a whole safetensors file: ", what));
}

// The parser recurses at each bracket: too many are refused before it sees them.
bool NestsTooDeep(absl::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxNesting) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// Elements of a shape; −1 when it is no shape or too large.
int64_t CountOf(const Json& shape, std::vector<int64_t>* sizes) {
  if (!shape.is_array() || shape.size() > kMaxDimensions) return -1;
  int64_t count = 1;
  for (const Json& size : shape) {
    if (!size.is_number_unsigned()) return -1;
    const uint64_t value = size.get<uint64_t>();
    if (value > (uint64_t{1} << 40) || (value > 0 && count > (int64_t{1} << 40) / static_cast<int64_t>(value))) {
      return -1;
    }
    sizes->push_back(static_cast<int64_t>(value));
    count *= static_cast<int64_t>(value);
  }
  return count;
}

struct Placed {
  uint64_t begin = 0, end = 0;
  NamedTensor tensor;
};

absl::StatusOr<Placed> ParseEntry(const std::string& name, const Json& entry, uint64_t data_bytes,
                                  absl::string_view origin) {
  const auto damaged = [&](absl::string_view what) {
    return Damaged(origin, absl::StrCat("tensor '", name.substr(0, 100), "' ", what));
  };
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
      !entry.contains("shape") || !entry.contains("data_offsets")) {
    return damaged("lacks dtype, shape or data_offsets");
  }
  Placed placed;
  placed.tensor.name = name;
  placed.tensor.dtype = entry["dtype"].get<std::string>();
  const int64_t size = BytesOf(placed.tensor.dtype);
  if (size == 0) return damaged("has a dtype other than F32, F64, I32, I64, U8");
  const int64_t count = CountOf(entry["shape"], &placed.tensor.shape);
  if (count < 0) return damaged("has no valid shape");
  const Json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    return damaged("has no valid data_offsets");
  }
  placed.begin = offsets[0].get<uint64_t>();
  placed.end = offsets[1].get<uint64_t>();
  if (placed.begin > placed.end || placed.end > data_bytes) return damaged("lies outside of the file");
  if (placed.end - placed.begin != static_cast<uint64_t>(count * size)) {
    return damaged("is not as long as its shape says");
  }
  return placed;
}

template <typename V>
std::string BytesFrom(const V* values, size_t count) {
  return std::string(reinterpret_cast<const char*>(values), count * sizeof(V));
}

}  // namespace

NamedTensor NamedTensor::FromFloats(std::string name, std::vector<int64_t> shape, const float* values) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return {std::move(name), "F32", std::move(shape), BytesFrom(values, count)};
}

NamedTensor NamedTensor::FromInts(std::string name, const std::vector<int64_t>& values) {
  return {std::move(name), "I64", {static_cast<int64_t>(values.size())}, BytesFrom(values.data(), values.size())};
}

absl::StatusOr<std::vector<float>> NamedTensor::Floats(int64_t count) const {
  if (dtype != "F32" || bytes.size() != count * sizeof(float)) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' is ", dtype, " of ", bytes.size(),
                                                   " bytes, not F32 of ", count, " elements"));
  }
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

absl::StatusOr<std::vector<int64_t>> NamedTensor::Ints() const {
  if (dtype != "I64" || bytes.size() % sizeof(int64_t) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' is ", dtype, ", not I64"));
  }
  std::vector<int64_t> values(bytes.size() / sizeof(int64_t));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

absl::StatusOr<const NamedTensor*> TensorFile::Find(absl::string_view name) const {
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  constexpr size_t kShown = 8;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kShown, tensors.size()); ++i) names.push_back(tensors[i].name);
  return absl::NotFoundError(absl::StrCat("no tensor '", name, "' among ", tensors.size(), ": ",
                                          absl::StrJoin(names, ", "), tensors.size() > kShown ? ", …" : ""));
}

std::string SerializeSafetensors(const TensorFile& file) {
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& tensor : file.tensors) ordered.push_back(&tensor);
  std::sort(ordered.begin(), ordered.end(),
            [](const NamedTensor* a, const NamedTensor* b) { return a->name < b->name; });
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  uint64_t offset = 0;
  for (const NamedTensor* tensor : ordered) {
    header[tensor->name] = {{"dtype", tensor->dtype},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data then starts at a multiple of 8
  const uint64_t length = text.size();
  std::string bytes = BytesFrom(&length, 1);
  bytes.reserve(bytes.size() + text.size() + offset);
  bytes += text;
  for (const NamedTensor* tensor : ordered) bytes += tensor->bytes;
  return bytes;
}

absl::StatusOr<TensorFile> ParseSafetensors(absl::string_view bytes, absl::string_view origin) {
  uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return Damaged(origin, "it is shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  bytes.remove_prefix(sizeof(length));
  if (length > bytes.size() || length > kMaxHeader) {
    return Damaged(origin, absl::StrCat("its header should have ", length, " bytes"));
  }
  const absl::string_view text = bytes.substr(0, length);
  const absl::string_view data = bytes.substr(length);
  if (NestsTooDeep(text)) return Damaged(origin, "its header nests too deep");
  const Json header = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return Damaged(origin, "its header is no JSON object");

  TensorFile file;
  std::vector<Placed> placed;
  std::set<std::string> names;
  for (const auto& [name, entry] : header.items()) {
    if (!names.insert(name).second) return Damaged(origin, "two tensors have one name");
    if (name == "__metadata__") {
      if (!entry.is_object()) return Damaged(origin, "its metadata is no object");
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) return Damaged(origin, "its metadata holds something other than strings");
        file.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    SSNAS_ASSIGN_OR_RETURN(Placed one, ParseEntry(name, entry, data.size(), origin));
    placed.push_back(std::move(one));
  }
  // Tensors fill the data without gaps or overlaps, so no byte is unaccounted for.
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
  });
  uint64_t at = 0;
  for (Placed& one : placed) {
    if (one.begin != at) return Damaged(origin, absl::StrCat("its tensors leave a gap or overlap at byte ", at));
    at = one.end;
    one.tensor.bytes = std::string(data.substr(one.begin, one.end - one.begin));
    file.tensors.push_back(std::move(one.tensor));
  }
  if (at != data.size()) return Damaged(origin, absl::StrCat(data.size() - at, " bytes follow its last tensor"));
  return file;
}

absl::Status WriteSafetensors(const std::string& path, const TensorFile& file) {
  return WriteFileAtomically(path, SerializeSafetensors(file));
}

absl::StatusOr<TensorFile> ReadSafetensors(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return ParseSafetensors(bytes, path);
}

}  // namespace ssnas
