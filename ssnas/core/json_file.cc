#include "ssnas/core/json_file.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// Far more than our files have, far less than what overflows a stack.
constexpr int kMaxNesting = 64;
constexpr uint64_t kMaxFile = 64 << 20;

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

// Notes the first name that comes twice in one object; the parser itself keeps the last one in
// silence.
class RepeatedName {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      names_.resize(depth + 1);
      names_.back().clear();
    } else if (event == Json::parse_event_t::key) {
      std::string name = parsed.get<std::string>();
      if (!names_[depth - 1].insert(name).second && repeated.empty()) {
        repeated = absl::StrCat("'", name, "'");
      }
    }
    return true;
  }

  std::string repeated;

 private:
  std::vector<std::set<std::string>> names_;  // of the objects that are open, by depth
};

}  // namespace

absl::StatusOr<Json> ParseJsonObject(absl::string_view text, absl::string_view origin) {
  const auto damaged = [&](absl::string_view what) {
    return absl::DataLossError(absl::StrCat(origin, " is damaged: ", what));
  };
  if (NestsTooDeep(text)) return damaged("it nests too deep");
  RepeatedName check;
  Json json = Json::parse(
      text.begin(), text.end(),
      [&check](int depth, Json::parse_event_t event, Json& parsed) {
        return check(depth, event, parsed);
      },
      /*allow_exceptions=*/false);
  if (!json.is_object()) return damaged("it is no JSON object");
  if (!check.repeated.empty()) return damaged(absl::StrCat(check.repeated, " comes twice"));
  return json;
}

absl::StatusOr<Json> ReadJsonObject(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFile));
  return ParseJsonObject(text, path);
}

std::optional<std::string> StringField(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_string()) return std::nullopt;
  return it->get<std::string>();
}

std::optional<int64_t> IntField(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  return it->get<int64_t>();
}

std::string JsonLine(const Json& json) {
  return json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace ssnas
