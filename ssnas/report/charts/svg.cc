#include "ssnas/report/charts/svg.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ssnas::report {

std::string Coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  const double rounded = std::round(value * 10) / 10;
  if (rounded == std::round(rounded)) return absl::StrFormat("%.0f", rounded + 0.0);
  return absl::StrFormat("%.1f", rounded);
}

PathData& PathData::Move(double x, double y) {
  absl::StrAppend(&text_, "M", Coordinate(x), " ", Coordinate(y));
  return *this;
}

PathData& PathData::Line(double x, double y) {
  absl::StrAppend(&text_, "L", Coordinate(x), " ", Coordinate(y));
  return *this;
}

PathData& PathData::Curve(double x1, double y1, double x2, double y2, double x, double y) {
  absl::StrAppend(&text_, "C", Coordinate(x1), " ", Coordinate(y1), " ", Coordinate(x2), " ",
                  Coordinate(y2), " ", Coordinate(x), " ", Coordinate(y));
  return *this;
}

PathData& PathData::Box(double x, double y, double width, double height) {
  Move(x, y);
  absl::StrAppend(&text_, "H", Coordinate(x + width), "V", Coordinate(y + height), "H",
                  Coordinate(x), "Z");
  return *this;
}

Svg::Svg(double width, double height, absl::string_view label) {
  markup_.Open("svg",
               {{"viewBox", absl::StrCat("0 0 ", Coordinate(width), " ", Coordinate(height))},
                {"width", Coordinate(width)},
                {"height", Coordinate(height)},
                {"role", "img"},
                {"aria-label", std::string(label)}});
}

void Svg::Shape(absl::string_view tag, Attributes attributes, absl::string_view title) {
  std::erase_if(attributes,
                [](const Attribute& a) { return a.name == "class" && a.value.empty(); });
  if (title.empty()) {
    markup_.Leaf(tag, attributes);
    return;
  }
  // The tooltip goes on a group around the shape, because shapes are written without content.
  markup_.Open("g").Leaf("title", {}, title).Leaf(tag, attributes).Close();
}

void Svg::Line(double x1, double y1, double x2, double y2, absl::string_view css,
               absl::string_view title) {
  Shape("line",
        {{"class", std::string(css)},
         {"x1", Coordinate(x1)},
         {"y1", Coordinate(y1)},
         {"x2", Coordinate(x2)},
         {"y2", Coordinate(y2)}},
        title);
}

void Svg::Rect(double x, double y, double width, double height, absl::string_view css,
               const Attributes& more, absl::string_view title) {
  Attributes attributes = {{"class", std::string(css)},
                           {"x", Coordinate(x)},
                           {"y", Coordinate(y)},
                           {"width", Coordinate(width)},
                           {"height", Coordinate(height)}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  Shape("rect", std::move(attributes), title);
}

void Svg::Circle(double x, double y, double radius, absl::string_view css,
                 absl::string_view title) {
  Shape("circle",
        {{"class", std::string(css)},
         {"cx", Coordinate(x)},
         {"cy", Coordinate(y)},
         {"r", Coordinate(radius)}},
        title);
}

void Svg::Path(const PathData& path, absl::string_view css, const Attributes& more,
               absl::string_view title) {
  if (path.empty()) return;
  Attributes attributes = {{"class", std::string(css)}, {"d", path.str()}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  Shape("path", std::move(attributes), title);
}

void Svg::Text(double x, double y, absl::string_view text, absl::string_view css, Anchor anchor,
               absl::string_view title) {
  Attributes attributes = {{"class", std::string(css)}, {"x", Coordinate(x)}, {"y", Coordinate(y)}};
  if (anchor != Anchor::kStart) {
    attributes.push_back({"text-anchor", anchor == Anchor::kMiddle ? "middle" : "end"});
  }
  markup_.Open("text", attributes);
  if (!title.empty()) markup_.Leaf("title", {}, title);
  markup_.Text(text).Close();
}

Markup Svg::Finish() {
  markup_.Close();
  return std::move(markup_);
}

double TextWidth(absl::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    // Bytes that continue a UTF-8 character have no width of their own.
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    const bool narrow = absl::string_view("iIjlt.,:;|!'()[] f").find(c) != absl::string_view::npos;
    width += narrow ? 0.36 : 0.58;
  }
  return width * size;
}

}  // namespace ssnas::report
