#include "ssnas/core/safetensors_header.h"

#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace ssnas {
namespace {

using Json = nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
constexpr size_t kMaxDimensions = 16;
constexpr int64_t kMaxElements = int64_t{1} << 40;

// Elements of a shape; −1 when there are too many.
int64_t ElementCount(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size > kMaxElements || (size > 0 && count > kMaxElements / size)) return -1;
    count *= size;
  }
  return count;
}

// Takes the parser's events: {"tensor": {"dtype": …, "shape": […], "data_offsets": [b, e]}, …}.
// Each member returns false to end the parse, and has said why in error_.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  SafetensorsHeader header;
  std::string error;

  bool start_object(size_t) override {
    if (place_ == Place::kStart) return Go(Place::kNames);
    if (place_ != Place::kEntryOrMetadata) return Unexpected("an object");
    if (name_ == kMetadata) return Go(Place::kMetadata);
    entry_ = {.name = name_, .dtype = "", .shape = {}, .begin = 0, .end = 0};
    offsets_.clear();
    fields_.clear();
    return Go(Place::kFields);
  }

  bool key(string_t& text) override {
    if (place_ == Place::kNames) {
      name_ = text;
      if (!names_.insert(text).second) return Fail("comes twice");
      return Go(Place::kEntryOrMetadata);
    }
    field_ = text;
    if (place_ == Place::kMetadata) {
      if (header.metadata.count(text) > 0) return Fail("has a key twice");
      return Go(Place::kMetadataValue);
    }
    if (!fields_.insert(text).second) return Fail("has a field twice");
    if (text == "dtype") return Go(Place::kDtype);
    if (text == "shape") return Go(Place::kShape);
    if (text == "data_offsets") return Go(Place::kOffsets);
    return Fail("has a field other than dtype, shape and data_offsets");
  }

  bool string(string_t& text) override {
    if (place_ == Place::kMetadataValue) {
      header.metadata[field_] = text;
      return Go(Place::kMetadata);
    }
    if (place_ != Place::kDtype) return Unexpected("a string");
    if (SafetensorsElementBytes(text) == 0) {
      return Fail("has a dtype other than F32, F64, I32, I64, U8");
    }
    entry_.dtype = text;
    return Go(Place::kFields);
  }

  bool start_array(size_t) override {
    if (place_ == Place::kShape) return Go(Place::kShapeItems);
    if (place_ == Place::kOffsets) return Go(Place::kOffsetItems);
    return Unexpected("a list");
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::kOffsetItems) {
      if (offsets_.size() == 2) return Fail("has more than two data_offsets");
      offsets_.push_back(value);
      return true;
    }
    if (place_ != Place::kShapeItems) return Unexpected("a number");
    if (entry_.shape.size() == kMaxDimensions || value > static_cast<uint64_t>(kMaxElements)) {
      return Fail("has a shape that is too large");
    }
    entry_.shape.push_back(static_cast<int64_t>(value));
    return true;
  }

  bool end_array() override { return Go(Place::kFields); }

  bool end_object() override {
    if (place_ == Place::kFields) {
      if (!FinishEntry()) return false;
      return Go(Place::kNames);
    }
    return Go(place_ == Place::kMetadata ? Place::kNames : Place::kEnd);
  }

  bool null() override { return Unexpected("null"); }
  bool boolean(bool) override { return Unexpected("true or false"); }
  bool number_integer(number_integer_t) override { return Unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return Unexpected("a fraction"); }
  bool binary(binary_t&) override { return Unexpected("bytes"); }

  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    if (error.empty()) error = absl::StrCat("its header is no JSON from byte ", position, " on");
    return false;
  }

 private:
  enum class Place {
    kStart,
    kNames,
    kEntryOrMetadata,
    kMetadata,
    kMetadataValue,
    kFields,
    kDtype,
    kShape,
    kShapeItems,
    kOffsets,
    kOffsetItems,
    kEnd,
  };

  bool Go(Place place) {
    place_ = place;
    return true;
  }

  bool Fail(absl::string_view what) {
    error = absl::StrCat("tensor '", absl::string_view(name_).substr(0, 100), "' ", what);
    return false;
  }

  bool Unexpected(absl::string_view what) {
    if (place_ != Place::kStart) return Fail(absl::StrCat("has ", what, " where none belongs"));
    error = "its header is no JSON object";
    return false;
  }

  bool FinishEntry() {
    if (fields_.size() != 3) return Fail("lacks dtype, shape or data_offsets");
    if (offsets_.size() != 2 || offsets_[0] > offsets_[1]) return Fail("has no valid data_offsets");
    const int64_t count = ElementCount(entry_.shape);
    if (count < 0) return Fail("has a shape that is too large");
    const uint64_t bytes = static_cast<uint64_t>(count * SafetensorsElementBytes(entry_.dtype));
    if (offsets_[1] - offsets_[0] != bytes) return Fail("is not as long as its shape says");
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    header.entries.push_back(std::move(entry_));
    return true;
  }

  Place place_ = Place::kStart;
  std::string name_, field_;
  SafetensorsEntry entry_;
  std::vector<uint64_t> offsets_;
  std::set<std::string> fields_, names_;
};

}  // namespace

int64_t SafetensorsElementBytes(absl::string_view dtype) {
  if (dtype == "F32" || dtype == "I32") return 4;
  if (dtype == "F64" || dtype == "I64") return 8;
  return dtype == "U8" ? 1 : 0;
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view text) {
  HeaderReader reader;
  if (!Json::sax_parse(text.begin(), text.end(), &reader)) {
    return absl::InvalidArgumentError(reader.error);
  }
  return std::move(reader.header);
}

}  // namespace ssnas
