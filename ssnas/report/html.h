// The page around the parts of a report: head with style sheet, sections, figures, tables.
#ifndef SSNAS_REPORT_HTML_H_
#define SSNAS_REPORT_HTML_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ssnas/report/markup.h"

namespace ssnas::report {

// The whole file: doctype, head, `body` in <main>.
std::string HtmlPage(absl::string_view title, const Markup& body);

// Opens <section id=…> with its heading; to be closed by the caller.
void OpenSection(Markup& markup, const char* id, absl::string_view heading);

// Dense drawings have small text: on a narrow screen they are scrolled, not shrunk. Wide ones take
// the width of the page as well.
enum class FigureSize { kPlain, kDense, kWide };

// A drawing with a heading and a sentence below it; nothing when the drawing is empty.
void AddFigure(Markup& markup, absl::string_view heading, const Markup& drawing,
               absl::string_view caption, FigureSize size = FigureSize::kPlain);

// What is not in the run, and why.
void AddMissing(Markup& markup, absl::string_view text);

struct TableColumn {
  std::string name;
  bool number = false;  // set to the right
};
// Columns in which every cell is "" are left out. A row of one cell is a heading over the rows
// below it.
void AddTable(Markup& markup, absl::string_view caption, const std::vector<TableColumn>& columns,
              const std::vector<std::vector<std::string>>& rows);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_HTML_H_
