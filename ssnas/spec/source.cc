#include "ssnas/spec/source.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/utf8.h"

namespace ssnas {
namespace {

// A line longer than this is shown around the place only.
constexpr size_t kShownColumns = 100;

// Characters of `bytes`; what is not UTF-8, and what would move the cursor of a terminal, comes out
// as '?'.
std::vector<std::string> Characters(absl::string_view bytes) {
  std::vector<std::string> characters;
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const bool control =
        byte(0) < 0x20 || byte(0) == 0x7F || (length == 2 && byte(0) == 0xC2 && byte(1) < 0xA0);
    const bool shown = length > 0 && (!control || bytes[0] == '\t');
    characters.emplace_back(shown ? bytes.substr(0, length) : "?");
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return characters;
}

std::string Join(const std::vector<std::string>& characters, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += characters[i];
  return text;
}

struct Line {
  int number = 1;
  size_t column = 0;  // characters before the place
  std::vector<std::string> characters;
};

Line LineOf(absl::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  const absl::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  size_t begin = newline == absl::string_view::npos ? 0 : newline + 1;
  if (begin == 0 && absl::StartsWith(text, kByteOrderMark))
    begin = std::min(kByteOrderMark.size(), offset);
  const size_t end = std::min(text.find('\n', offset), text.size());
  absl::string_view line = text.substr(begin, end - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return {.number = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          .column = Characters(text.substr(begin, offset - begin)).size(),
          .characters = Characters(line)};
}

// The line with its number, and a caret under the place.
std::string Picture(const Line& line) {
  size_t begin = 0;
  size_t end = line.characters.size();
  const size_t column = std::min(line.column, end);
  if (end > kShownColumns) {
    begin = column > kShownColumns / 2 ? column - kShownColumns / 2 : 0;
    end = std::min(end, begin + kShownColumns);
  }
  // Tabs stay tabs, so that the caret stands under its character however wide they are.
  std::string indent(begin > 0 ? 1 : 0, ' ');
  for (size_t i = begin; i < column; ++i) indent += line.characters[i] == "\t" ? '\t' : ' ';
  return absl::StrFormat("%6d | %s%s%s\n%6s | %s^", line.number, begin > 0 ? "…" : "",
                         Join(line.characters, begin, end), end < line.characters.size() ? "…" : "",
                         "", indent);
}

}  // namespace

std::string Shown(absl::string_view bytes, size_t max_characters) {
  // A character is at most four bytes: the rest need not be looked at.
  std::vector<std::string> characters = Characters(bytes.substr(0, 4 * max_characters + 4));
  std::replace(characters.begin(), characters.end(), std::string("\t"), std::string(" "));
  if (characters.size() <= max_characters) return Join(characters, 0, characters.size());
  return absl::StrCat(Join(characters, 0, max_characters), "…");
}

int LineNumber(Place place) { return LineOf(place.source->text, place.offset).number; }

absl::Status ErrorAt(Place place, absl::string_view what) {
  const Source& source = *place.source;
  std::string message(what);
  if (!message.empty() && !absl::StrContains(".?!", message.substr(message.size() - 1)))
    message += '.';
  std::string text;
  if (source.kind == Source::Kind::kSet) {
    text = absl::StrCat("--set ", Shown(source.text, 120), ": ", message);
  } else if (place.offset == Place::kWhole) {
    text = absl::StrCat(Shown(source.name, 400), ": ", message);
  } else {
    const Line line = LineOf(source.text, place.offset);
    text = absl::StrCat(Shown(source.name, 400), ":", line.number, ":", line.column + 1, ": ",
                        message, "\n", Picture(line));
  }
  return InArea(ErrorArea::kUser, absl::InvalidArgumentError(text));
}

}  // namespace ssnas
