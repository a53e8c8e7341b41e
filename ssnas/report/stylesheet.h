// The style sheet of the page: light and dark, 400 to 1600 pixels, print.
#ifndef SSNAS_REPORT_STYLESHEET_H_
#define SSNAS_REPORT_STYLESHEET_H_

namespace ssnas::report {

// Holds no "<", "&" or "]]>", so that the page stays well-formed.
extern const char kStyleSheet[];

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_STYLESHEET_H_
