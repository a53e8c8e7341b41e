#include "ssnas/core/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/safetensors_header.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

// Far above what we write (a thousand tensors take 100 kB), low enough that a hostile one stays
// cheap; Python's reader takes 100 MB.
constexpr uint64_t kMaxHeader = 32 << 20;
constexpr size_t kAlignment = 8;
constexpr char kDigestKey[] = "ssnas.sha256";  // in the metadata of files, see ContentDigest

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

absl::Status Damaged(absl::string_view origin, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(origin, ": not a whole safetensors file: ", what));
}

template <typename V>
std::string BytesFrom(const V* values, size_t count) {
  return std::string(reinterpret_cast<const char*>(values), count * sizeof(V));
}

}  // namespace

NamedTensor NamedTensor::FromFloats(std::string name, std::vector<int64_t> shape,
                                    const float* values) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return {std::move(name), "F32", std::move(shape), BytesFrom(values, count)};
}

NamedTensor NamedTensor::FromInts(std::string name, const std::vector<int64_t>& values) {
  return {std::move(name),
          "I64",
          {static_cast<int64_t>(values.size())},
          BytesFrom(values.data(), values.size())};
}

absl::StatusOr<std::vector<float>> NamedTensor::Floats(int64_t count) const {
  if (dtype != "F32" || bytes.size() != count * sizeof(float)) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' is ", dtype, " of ",
                                                   bytes.size(), " bytes, not F32 of ", count,
                                                   " elements"));
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
                                          absl::StrJoin(names, ", "),
                                          tensors.size() > kShown ? ", …" : ""));
}

namespace {

// Of everything a reader is given: names, types, shapes, data and metadata, each with its length.
std::string ContentDigest(const TensorFile& file) {
  Sha256Stream sha;
  const auto add = [&sha](absl::string_view text) {
    sha.Update(absl::StrCat(text.size(), ":"));
    sha.Update(text);
  };
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& tensor : file.tensors) ordered.push_back(&tensor);
  std::sort(ordered.begin(), ordered.end(),
            [](const NamedTensor* a, const NamedTensor* b) { return a->name < b->name; });
  for (const NamedTensor* tensor : ordered) {
    add(tensor->name);
    add(absl::StrCat(tensor->dtype, " ", absl::StrJoin(tensor->shape, " ")));
    add(tensor->bytes);
  }
  for (const auto& [key, value] : file.metadata) {
    if (key == kDigestKey) continue;
    add(key);
    add(value);
  }
  return sha.Finish();
}

std::string Serialize(const TensorFile& file, const std::map<std::string, std::string>& metadata) {
  using Json = nlohmann::ordered_json;
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& tensor : file.tensors) ordered.push_back(&tensor);
  // Wide elements first, as Python's writer does, so that every tensor starts at a multiple of its
  // element's size: readers that map the file need that.
  std::sort(ordered.begin(), ordered.end(), [](const NamedTensor* a, const NamedTensor* b) {
    const int64_t size_a = SafetensorsElementBytes(a->dtype);
    const int64_t size_b = SafetensorsElementBytes(b->dtype);
    return size_a != size_b ? size_a > size_b : a->name < b->name;
  });
  Json::object_t header;  // filled by push_back: its own lookup is linear
  if (!metadata.empty()) header.push_back({"__metadata__", metadata});
  uint64_t offset = 0;
  std::set<absl::string_view> names;
  for (const NamedTensor* tensor : ordered) {
    CHECK(names.insert(tensor->name).second) << "two tensors are called " << tensor->name;
    const uint64_t end = offset + tensor->bytes.size();
    header.push_back(
        {tensor->name,
         {{"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}}});
    offset = end;
  }
  std::string text = JsonLine(Json(std::move(header)));
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const uint64_t length = text.size();
  std::string bytes;
  bytes.reserve(sizeof(length) + text.size() + offset);
  bytes += BytesFrom(&length, 1);
  bytes += text;
  for (const NamedTensor* tensor : ordered) bytes += tensor->bytes;
  return bytes;
}

}  // namespace

std::string SerializeSafetensors(const TensorFile& file) { return Serialize(file, file.metadata); }

absl::StatusOr<TensorFile> ParseSafetensors(absl::string_view bytes, absl::string_view origin) {
  uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return Damaged(origin, "it is shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  bytes.remove_prefix(sizeof(length));
  if (length > bytes.size() || length > kMaxHeader) {
    return Damaged(origin, absl::StrCat("its header should have ", length, " bytes"));
  }
  const absl::string_view data = bytes.substr(length);
  absl::StatusOr<SafetensorsHeader> header = ParseSafetensorsHeader(bytes.substr(0, length));
  if (!header.ok()) return Damaged(origin, header.status().message());

  // Tensors fill the data without gaps or overlaps, so no byte is unaccounted for.
  std::vector<SafetensorsEntry>& entries = header->entries;
  std::sort(entries.begin(), entries.end(),
            [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
              return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
            });
  TensorFile file;
  file.metadata = std::move(header->metadata);
  file.tensors.reserve(entries.size());
  uint64_t at = 0;
  for (SafetensorsEntry& entry : entries) {
    if (entry.begin != at || entry.end > data.size()) {
      return Damaged(
          origin, absl::StrCat("its tensors leave a gap, overlap or end past the file at byte ", at,
                               " of the data"));
    }
    at = entry.end;
    file.tensors.push_back({std::move(entry.name), std::move(entry.dtype), std::move(entry.shape),
                            std::string(data.substr(entry.begin, entry.end - entry.begin))});
  }
  if (at != data.size()) {
    return Damaged(origin, absl::StrCat(data.size() - at, " bytes follow its last tensor"));
  }
  return file;
}

absl::Status WriteSafetensors(const std::string& path, const TensorFile& file) {
  std::map<std::string, std::string> metadata = file.metadata;
  metadata[kDigestKey] = ContentDigest(file);
  return WriteFileAtomically(path, Serialize(file, metadata));
}

absl::StatusOr<TensorFile> ReadSafetensors(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  SSNAS_ASSIGN_OR_RETURN(TensorFile file, ParseSafetensors(bytes, path));
  const auto digest = file.metadata.find(kDigestKey);
  if (digest == file.metadata.end()) return file;
  if (digest->second != ContentDigest(file)) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: it fails its checksum"));
  }
  file.metadata.erase(digest);
  return file;
}

}  // namespace ssnas
