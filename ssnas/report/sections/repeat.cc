#include "ssnas/report/sections/repeat.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ssnas/core/readable.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {
namespace {

void AddPair(Markup& markup, const char* name, const std::string& value) {
  if (!value.empty()) markup.Leaf("dt", {}, name).Leaf("dd", {}, value);
}

void AddFolded(Markup& markup, const char* title, const std::string& text) {
  if (text.empty()) return;
  markup.Open("details").Leaf("summary", {}, title).Leaf("pre", {}, text).Close();
}

}  // namespace

Markup RepeatSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "repeat", "How to repeat it");
  if (run.summary && !run.summary->command.empty()) {
    markup.Leaf("pre", {}, run.summary->command);
    markup.Leaf("p", {},
                "With the same version, instruction sets and number of threads, the same seed "
                "gives the same "
                "digest.");
  } else {
    AddMissing(markup,
               "The command is in summary.json, which is written when the run is finished; the "
               "same command goes "
               "on with this run.");
  }
  if (run.summary) {
    const Summary& summary = *run.summary;
    markup.Open("dl", {{"class", "pairs"}});
    AddPair(markup, "result digest", summary.digest);
    AddPair(markup, "seed", summary.seed ? absl::StrCat(*summary.seed) : "");
    AddPair(markup, "version", summary.version);
    AddPair(markup, "commit",
            summary.commit.empty() ? "not known (not started from a checkout)" : summary.commit);
    AddPair(markup, "CPU", summary.cpu);
    AddPair(markup, "threads", summary.threads ? Grouped(*summary.threads) : "");
    AddPair(markup, "engine", summary.engine);
    AddPair(markup, "run folder", run.folder);
    markup.Close();
  }
  AddFolded(markup, "The resolved spec: every setting of this run", run.spec_text);
  AddFolded(markup, "The cell as architecture.textproto", run.cell_text);
  if (run.spec_text.empty()) AddMissing(markup, "spec.textproto is not in the run folder.");
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
