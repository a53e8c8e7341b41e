#include "ssnas/report/run/run_data.h"

#include "absl/strings/str_cat.h"

namespace ssnas::report {

const CellGenotype& GenotypeOf(const Architecture& cell, int kind) {
  return kind == kNormal ? cell.normal() : cell.reduction();
}

const SearchRun* ChosenSearch(const RunData& run) {
  const std::string best = run.summary ? run.summary->best_search : "";
  for (const SearchRun& search : run.searches) {
    if (search.stage == best) return &search;
  }
  return run.searches.size() == 1 ? &run.searches[0] : nullptr;
}

std::vector<std::string> CandidateNames(const RunData& run) {
  std::vector<std::string> names;
  if (run.spec) {
    for (const PluginSpec& candidate : run.spec->space().candidate()) {
      names.push_back(candidate.name());
    }
  }
  size_t columns = 0;
  for (const SearchRun& search : run.searches) {
    for (const SearchEpoch& epoch : search.epochs) {
      if (!epoch.weights[kNormal].empty()) columns = epoch.weights[kNormal][0].size();
    }
  }
  if (columns == 0 || names.size() == columns) return names;
  names.clear();
  for (size_t i = 1; i <= columns; ++i) names.push_back(absl::StrCat("operation ", i));
  return names;
}

std::string LossName(const RunData& run) {
  if (run.summary && !run.summary->loss_title.empty()) return run.summary->loss_title;
  if (run.spec && run.spec->has_objective())
    return absl::StrCat("loss (", run.spec->objective().name(), ")");
  return "loss";
}

std::string DatasetName(const RunData& run) {
  if (run.summary && !run.summary->title.empty()) return run.summary->title;
  if (run.spec && run.spec->has_dataset()) return run.spec->dataset().name();
  return "";
}

}  // namespace ssnas::report
