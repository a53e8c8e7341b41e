// One inline SVG drawing: shapes with coordinates rounded to a tenth, colours by CSS class.
//
// Classes of the page's style sheet: "s0" … "s6" and "f0" … "f6" stroke and fill with a colour of
// the palette (palette.h), so that light and dark pages and print need one drawing only.
//
// Example:
//   Svg svg(460, 250, "Loss over steps");
//   svg.Line(0, 0, 10, 10, "grid");
//   page.Append(svg.Finish());
#ifndef SSNAS_REPORT_CHARTS_SVG_H_
#define SSNAS_REPORT_CHARTS_SVG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ssnas/report/markup.h"

namespace ssnas::report {

// Rounded to a tenth, without trailing zeros; 0 when it is not finite.
std::string Coordinate(double value);

// Commands of a path: M, L, C, H and V with absolute coordinates.
class PathData {
 public:
  PathData& Move(double x, double y);
  PathData& Line(double x, double y);
  PathData& Curve(double x1, double y1, double x2, double y2, double x, double y);
  // A closed rectangle.
  PathData& Box(double x, double y, double width, double height);
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

enum class Anchor { kStart, kMiddle, kEnd };

class Svg {
 public:
  // `label` says in words what the drawing shows, for readers who do not see it.
  Svg(double width, double height, absl::string_view label);

  // `title`, where given, is shown on hover.
  void Line(double x1, double y1, double x2, double y2, absl::string_view css,
            absl::string_view title = "");
  void Rect(double x, double y, double width, double height, absl::string_view css,
            const Attributes& more = {}, absl::string_view title = "");
  void Circle(double x, double y, double radius, absl::string_view css,
              absl::string_view title = "");
  void Path(const PathData& path, absl::string_view css, const Attributes& more = {},
            absl::string_view title = "");
  void Text(double x, double y, absl::string_view text, absl::string_view css,
            Anchor anchor = Anchor::kStart, absl::string_view title = "");

  Markup Finish();

 private:
  void Shape(absl::string_view tag, Attributes attributes, absl::string_view title);

  Markup markup_;
};

// Width of `text` in the page's font at `size`, near enough to lay out labels.
double TextWidth(absl::string_view text, double size);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_SVG_H_
