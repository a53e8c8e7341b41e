// Builds HTML and SVG that are well-formed and escaped whatever text goes in.
//
// Elements are opened and closed by calls, so a tag cannot be left open; text and attribute values
// are escaped, and bytes that are not legal UTF-8 text become U+FFFD. There is no way to write raw
// markup.
//
// Example:
//   Markup page;
//   page.Open("p", {{"class", "note"}}).Text("a < b").Close();   // <p class="note">a &lt; b</p>
#ifndef SSNAS_REPORT_MARKUP_H_
#define SSNAS_REPORT_MARKUP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ssnas::report {

struct Attribute {
  absl::string_view name;  // a literal
  std::string value;
};
using Attributes = std::vector<Attribute>;

// & < > " ' as entities; control characters other than tab and newline, and bytes that are no
// UTF-8, as U+FFFD.
std::string Escape(absl::string_view text);

// At most `characters` code points; what is longer ends in "…".
std::string Shorten(absl::string_view text, int characters);

class Markup {
 public:
  Markup& Open(absl::string_view tag, const Attributes& attributes = {});
  // Closes the innermost open element.
  Markup& Close();
  Markup& Text(absl::string_view text);
  // An element that holds only text, or nothing.
  Markup& Leaf(absl::string_view tag, const Attributes& attributes = {},
               absl::string_view text = "");
  // A part that was built on its own; all of its elements are closed.
  Markup& Append(const Markup& part);
  // Style sheet of the page: the one text that is not escaped, so a literal.
  Markup& Style(const char* css);

  bool empty() const { return text_.empty(); }
  // Aborts when an element is still open.
  const std::string& str() const;

 private:
  void Start(absl::string_view tag, const Attributes& attributes);

  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_MARKUP_H_
