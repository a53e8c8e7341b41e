#include "ssnas/report/report.h"

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/report/html.h"
#include "ssnas/report/run/read_run.h"
#include "ssnas/report/sections/cells.h"
#include "ssnas/report/sections/cost.h"
#include "ssnas/report/sections/headline.h"
#include "ssnas/report/sections/networks.h"
#include "ssnas/report/sections/repeat.h"
#include "ssnas/report/sections/search.h"
#include "ssnas/report/sections/views.h"

namespace ssnas {
namespace report {

std::string RenderReport(const RunData& run) {
  Markup body;
  body.Append(HeadlineSection(run));
  body.Append(CellsSection(run));
  body.Append(SearchSection(run));
  body.Append(NetworksSection(run));
  body.Append(ViewsSection(run));
  body.Append(CostSection(run));
  body.Append(RepeatSection(run));
  body.Leaf("footer", {},
            absl::StrCat("Made from the files in ", run.folder,
                         " alone: no script, nothing from the network."));
  const bool named = run.summary && !run.summary->experiment.empty();
  return HtmlPage(absl::StrCat(named ? run.summary->experiment : run.folder, " · SSNAS report"),
                  body);
}

}  // namespace report

absl::Status WriteReport(const std::string& folder) {
  SSNAS_ASSIGN_OR_RETURN(const report::RunData run, report::ReadRun(folder));
  return InArea(ErrorArea::kRunFolder,
                WriteFileAtomically(JoinPath(folder, "report.html"), report::RenderReport(run)));
}

}  // namespace ssnas
