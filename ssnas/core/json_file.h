// JSON files of our own, read back as if a stranger had written them.
//
// Nothing here throws: nesting is bounded before the parser sees it, a name that comes twice in an
// object is an error, and fields are read with their type checked.
#ifndef SSNAS_CORE_JSON_FILE_H_
#define SSNAS_CORE_JSON_FILE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace ssnas {

// An object; DataLoss names `origin` (a path) and what is wrong.
absl::StatusOr<nlohmann::ordered_json> ParseJsonObject(absl::string_view text,
                                                       absl::string_view origin);
// The same of a file, of at most 64 MiB.
absl::StatusOr<nlohmann::ordered_json> ReadJsonObject(const std::string& path);

// Empty when the field is absent or of another type.
std::optional<std::string> StringField(const nlohmann::ordered_json& object, const char* name);
std::optional<int64_t> IntField(const nlohmann::ordered_json& object, const char* name);

// One line; invalid UTF-8 becomes U+FFFD rather than an exception, non-finite numbers null.
std::string JsonLine(const nlohmann::ordered_json& json);

}  // namespace ssnas

#endif  // SSNAS_CORE_JSON_FILE_H_
