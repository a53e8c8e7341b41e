#include "ssnas/core/readable.h"

#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ssnas {

std::string Grouped(int64_t value) {
  std::string digits = absl::StrCat(value);
  const int first = value < 0 ? 1 : 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > first; i -= 3) digits.insert(i, 1, ',');
  return digits;
}

std::string Readable(double number) {
  if (std::abs(number) >= 1e15 || number != std::trunc(number)) {
    // Six digits where they are all there is, else as many as it takes.
    double six_digits = 0;
    if (absl::SimpleAtod(absl::StrCat(number), &six_digits) && six_digits == number) {
      return absl::StrCat(number);
    }
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof(text), number).ptr);
  }
  return Grouped(static_cast<int64_t>(number));
}

}  // namespace ssnas
