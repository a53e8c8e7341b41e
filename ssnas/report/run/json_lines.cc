#include "ssnas/report/run/json_lines.h"

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxBytes = uint64_t{1} << 30;
constexpr int kMaxNoted = 3;  // bad lines named a file

}  // namespace

std::string ReadTextFile(const std::string& folder, const std::string& name, Problems* problems) {
  const std::string path = JoinPath(folder, name);
  if (!PathExists(path)) return "";
  absl::StatusOr<std::string> text = ReadFile(path, kMaxBytes);
  if (text.ok()) return *std::move(text);
  problems->push_back(absl::StrCat(name, ": cannot be read: ", text.status().message()));
  return "";
}

bool ReadJsonLines(const std::string& folder, const std::string& name, Problems* problems,
                   const std::function<void(const Json&)>& take) {
  if (!PathExists(JoinPath(folder, name))) return false;
  const std::string text = ReadTextFile(folder, name, problems);
  int64_t number = 0;
  int64_t bad = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t newline = text.find('\n', begin);
    const bool cut = newline == std::string::npos;
    const size_t end = cut ? text.size() : newline;
    const absl::string_view line = absl::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.empty()) continue;
    const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (object.is_object()) {
      take(object);
    } else if (++bad <= kMaxNoted) {
      problems->push_back(
          absl::StrCat(name, ":", number,
                       cut ? ": cut short, skipped (the run was stopped while it wrote this line)"
                           : ": no JSON object, skipped; a resumed run does not write such lines, "
                             "so the file was "
                             "changed or the disk lost bytes"));
    }
  }
  if (bad > kMaxNoted) {
    problems->push_back(absl::StrCat(name, ": ", bad - kMaxNoted, " more lines like that"));
  }
  return true;
}

Json ReadJsonObject(const std::string& folder, const std::string& name, Problems* problems) {
  const std::string text = ReadTextFile(folder, name, problems);
  if (text.empty()) return Json();
  Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_object()) return object;
  problems->push_back(absl::StrCat(name,
                                   ": no JSON object, so what it says is left out; running the "
                                   "same command again writes it anew"));
  return Json();
}

}  // namespace ssnas::report
