#include "ssnas/report/html.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "ssnas/report/stylesheet.h"

namespace ssnas::report {

std::string HtmlPage(absl::string_view title, const Markup& body) {
  Markup page;
  page.Open("html", {{"lang", "en"}}).Open("head");
  page.Leaf("meta", {{"charset", "utf-8"}});
  page.Leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  page.Leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  page.Leaf("title", {}, title);
  page.Style(kStyleSheet);
  page.Close().Open("body").Open("main").Append(body).Close().Close().Close();
  return absl::StrCat("<!DOCTYPE html>\n", page.str());
}

void OpenSection(Markup& markup, const char* id, absl::string_view heading) {
  markup.Open("section", {{"id", id}}).Leaf("h2", {}, heading);
}

void AddFigure(Markup& markup, absl::string_view heading, const Markup& drawing,
               absl::string_view caption, FigureSize size) {
  if (drawing.empty()) return;
  static constexpr const char* kClasses[] = {"plain", "dense", "dense wide"};
  markup.Open("figure", {{"class", kClasses[static_cast<int>(size)]}});
  if (!heading.empty()) markup.Leaf("h3", {}, heading);
  markup.Open("div", {{"class", "drawing"}}).Append(drawing).Close();
  if (!caption.empty()) markup.Leaf("figcaption", {}, caption);
  markup.Close();
}

void AddMissing(Markup& markup, absl::string_view text) {
  markup.Leaf("p", {{"class", "missing"}}, text);
}

void AddTable(Markup& markup, absl::string_view caption, const std::vector<TableColumn>& columns,
              const std::vector<std::vector<std::string>>& rows) {
  std::vector<bool> used(columns.size(), false);
  for (const auto& row : rows) {
    if (row.size() != columns.size()) continue;
    for (size_t i = 0; i < row.size(); ++i) used[i] = used[i] || !row[i].empty();
  }
  size_t count = 0;
  for (const bool use : used) count += use ? 1 : 0;
  const auto style = [&](size_t i) {
    return columns[i].number ? Attributes{{"class", "number"}} : Attributes{};
  };
  markup.Open("div", {{"class", "table"}}).Open("table");
  markup.Open("thead").Open("tr");
  for (size_t i = 0; i < columns.size(); ++i) {
    Attributes attributes = style(i);
    attributes.push_back({"scope", "col"});
    if (used[i]) markup.Leaf("th", attributes, columns[i].name);
  }
  markup.Close().Close().Open("tbody");
  for (const auto& row : rows) {
    markup.Open("tr");
    if (row.size() == 1) {
      markup.Leaf("th",
                  {{"scope", "colgroup"}, {"colspan", absl::StrCat(count)}, {"class", "group"}},
                  row[0]);
    }
    for (size_t i = 0; row.size() == columns.size() && i < row.size(); ++i) {
      if (used[i]) markup.Leaf("td", style(i), row[i]);
    }
    markup.Close();
  }
  markup.Close().Close().Close();
  if (!caption.empty()) markup.Leaf("p", {{"class", "caption"}}, caption);
}

}  // namespace ssnas::report
