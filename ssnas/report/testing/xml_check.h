// Whether text is well-formed XML, as far as a page of the report uses it: tags that close in
// order, quoted attributes that occur once, known entities, no stray "<" or "&".
#ifndef SSNAS_REPORT_TESTING_XML_CHECK_H_
#define SSNAS_REPORT_TESTING_XML_CHECK_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ssnas::report {

// "" when it is; else what is wrong, and the text around it. A doctype may come first.
std::string XmlError(absl::string_view text);

// How often `part` occurs.
int CountOf(absl::string_view text, absl::string_view part);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_TESTING_XML_CHECK_H_
