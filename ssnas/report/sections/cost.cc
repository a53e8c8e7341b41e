#include "ssnas/report/sections/cost.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/bar_chart.h"
#include "ssnas/report/charts/chart.h"
#include "ssnas/report/charts/palette.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/sections/curves.h"

namespace ssnas::report {
namespace {

constexpr size_t kMaxBars = 24;

int KindColor(const std::string& kind) {
  if (kind == "search") return 0;
  if (kind == "pretrain") return 2;
  if (kind == "evaluate") return 3;
  if (kind == "probe") return 4;
  return kGreyColor;
}

void AddTime(Markup& markup, const RunData& run) {
  std::vector<Bar> bars;
  double total = 0;
  double waited = 0;
  const double longest =
      std::max_element(run.costs.begin(), run.costs.end(), [](const auto& a, const auto& b) {
        return a.seconds < b.seconds;
      })->seconds;
  // Seconds or, for a long run, minutes or hours: the axis then has short numbers.
  const double unit = longest > 3 * 3600 ? 3600 : longest > 300 ? 60 : 1;
  for (const StageCost& cost : run.costs) {
    total += cost.seconds;
    waited += cost.wait_seconds.value_or(0);
    if (cost.seconds <= 0 || bars.size() == kMaxBars) continue;
    bars.push_back(
        {.name = cost.name,
         .text = Duration(cost.seconds),
         .color = KindColor(cost.kind),
         .value = cost.seconds / unit,
         .part = cost.wait_seconds.value_or(0) / unit,
         .hover = absl::StrCat(cost.name, ": ", Duration(cost.seconds), ", of which ",
                               Duration(cost.wait_seconds.value_or(0)), " waiting for data")});
  }
  AddFigure(
      markup, "Time by stage",
      BarChart({.label = absl::StrCat("Time by stage, ", Duration(total), " in all"),
                .x_title = unit == 1    ? "seconds"
                           : unit == 60 ? "minutes"
                                        : "hours"},
               bars),
      absl::StrCat(Duration(total),
                   " in all. The dark part of a bar is time in which the step waited for images",
                   total > 0 ? absl::StrCat(": ", Percent(waited / total)) : "", "."));
}

void AddRates(Markup& markup, const RunData& run) {
  std::vector<Curve> curves;
  for (const StageRate& rate : run.rates) {
    if (curves.size() == kColors) break;
    curves.push_back(Smoothed(rate.stage, static_cast<int>(curves.size()), rate.images_per_second));
    // Stages have different numbers of steps: each is drawn over its own length.
    std::vector<double>& x = curves.back().x;
    const double last = *std::max_element(x.begin(), x.end());
    for (double& step : x) step = last > 0 ? 100 * step / last : 0;
  }
  if (curves.empty()) return;
  AddFigure(markup, "Speed",
            LineChart({.label = "Images a second over the course of each stage",
                       .x_title = "course of the stage (%)",
                       .y_title = "images a second",
                       .from_zero = true},
                      curves),
            "Moving mean. A search step counts the images of both halves; networks of different "
            "size differ.");
}

void AddCostTable(Markup& markup, const RunData& run) {
  std::vector<std::vector<std::string>> rows;
  for (const StageCost& cost : run.costs) {
    // A stage without steps, as the derivation, has no rate.
    const auto positive = [](std::optional<double> v, auto format) {
      return v && *v > 0 ? format(*v) : std::string("–");
    };
    rows.push_back({Shorten(cost.name, 60), Duration(cost.seconds),
                    positive(cost.images_per_second, [](double v) { return Significant(v, 3); }),
                    cost.wait_seconds ? Duration(*cost.wait_seconds) : "",
                    positive(cost.peak_memory_bytes, [](double v) { return Bytes(v); })});
  }
  AddTable(markup, "Memory: the most that the process had held by the end of the stage.",
           {{"stage"},
            {"time", true},
            {"images a second", true},
            {"waited for data", true},
            {"peak memory", true}},
           rows);
}

}  // namespace

Markup CostSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "cost", "What it cost");
  if (run.costs.empty()) {
    AddMissing(markup, "No times yet: they are in each stage's timings.jsonl and in summary.json.");
    markup.Close();
    return markup;
  }
  markup.Open("div", {{"class", "figures"}});
  AddTime(markup, run);
  AddRates(markup, run);
  markup.Close();
  AddCostTable(markup, run);
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
