// Fields of JSON that nobody has checked: a value of another type is a value that is not there.
#ifndef SSNAS_REPORT_RUN_JSON_FIELDS_H_
#define SSNAS_REPORT_RUN_JSON_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace ssnas::report {

// Null is how NaN and infinities are written; all three count as absent.
std::optional<double> NumberField(const nlohmann::json& object, absl::string_view key);
// Whole numbers of at most 2^53, also when written as 3.0; rounded otherwise.
std::optional<int64_t> IntegerField(const nlohmann::json& object, absl::string_view key);
std::string TextField(const nlohmann::json& object, absl::string_view key);  // "" when absent
bool FlagField(const nlohmann::json& object, absl::string_view key, bool absent);
// The member, or null.
const nlohmann::json& Member(const nlohmann::json& object, absl::string_view key);
// A list of lists of numbers; empty when any part is something else.
std::vector<std::vector<double>> MatrixField(const nlohmann::json& object, absl::string_view key);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_JSON_FIELDS_H_
