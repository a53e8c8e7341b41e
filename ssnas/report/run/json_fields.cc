#include "ssnas/report/run/json_fields.h"

#include <cmath>

#include "nlohmann/json.hpp"

namespace ssnas::report {

using Json = nlohmann::json;

const Json& Member(const Json& object, absl::string_view key) {
  static const Json* const kNull = new Json();
  if (!object.is_object()) return *kNull;
  const auto found = object.find(std::string(key));
  return found == object.end() ? *kNull : *found;
}

std::optional<double> NumberField(const Json& object, absl::string_view key) {
  const Json& member = Member(object, key);
  if (!member.is_number()) return std::nullopt;
  const double value = member.get<double>();
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::optional<int64_t> IntegerField(const Json& object, absl::string_view key) {
  constexpr double kLargest =
      9007199254740992;  // 2^53: up to here a double holds every whole number
  const std::optional<double> value = NumberField(object, key);
  if (!value || std::fabs(*value) > kLargest) return std::nullopt;
  return std::llround(*value);
}

std::string TextField(const Json& object, absl::string_view key) {
  const Json& member = Member(object, key);
  return member.is_string() ? member.get<std::string>() : std::string();
}

bool FlagField(const Json& object, absl::string_view key, bool absent) {
  const Json& member = Member(object, key);
  return member.is_boolean() ? member.get<bool>() : absent;
}

std::vector<std::vector<double>> MatrixField(const Json& object, absl::string_view key) {
  const Json& member = Member(object, key);
  std::vector<std::vector<double>> matrix;
  if (!member.is_array()) return matrix;
  for (const Json& row : member) {
    if (!row.is_array()) return {};
    auto& values = matrix.emplace_back();
    for (const Json& value : row) {
      if (!value.is_number() || !std::isfinite(value.get<double>())) return {};
      values.push_back(value.get<double>());
    }
  }
  return matrix;
}

}  // namespace ssnas::report
