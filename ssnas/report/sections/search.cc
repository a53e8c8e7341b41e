#include "ssnas/report/sections/search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/readable.h"
#include "ssnas/report/charts/chart.h"
#include "ssnas/report/charts/palette.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/sections/alphas.h"
#include "ssnas/report/sections/curves.h"

namespace ssnas::report {
namespace {

void AddLosses(Markup& markup, const RunData& run, const SearchRun& search) {
  std::vector<Curve> curves;
  const int window = SmoothingWindow(search.weight_loss.value.size());
  AddSmoothed("weights' half", 0, search.weight_loss, &curves);
  AddSmoothed("alphas' half", 1, search.alpha_loss, &curves);
  ChartOptions options{
      .label = absl::StrCat(LossName(run), " of both halves of the training images over ",
                            search.steps, " search steps"),
      .x_title = "search step",
      .y_title = LossName(run)};
  std::string caption =
      "Each step trains the weights on one half of the images and the alphas on the other.";
  if (window > 1) {
    absl::StrAppend(&caption, " Light: every step; strong: mean of ", window, " steps.");
  }
  if (run.spec && run.spec->objective().name() == "nt_xent") {
    AddEqualGuess(run.spec->search().batch(), &options);
    absl::StrAppend(&caption,
                    " Dotted: what a network that maps every image to the same point gets.");
  }
  AddFigure(markup, "Loss", LineChart(options, curves), caption);
}

void AddSeeds(Markup& markup, const RunData& run) {
  if (run.searches.size() < 2) return;
  std::vector<Curve> curves;
  for (size_t i = 0; i < run.searches.size() && i < 12; ++i) {
    const SearchRun& search = run.searches[i];
    const bool best = run.summary && search.stage == run.summary->best_search;
    curves.push_back(Smoothed(absl::StrCat(search.stage, best ? " (chosen)" : ""),
                              static_cast<int>(i % kColors), search.alpha_loss));
    if (i >= kColors) curves.back().style = Curve::kDashed;
  }
  AddFigure(
      markup, "Every search",
      LineChart(
          {.label = absl::StrCat("Loss on the alphas' half of ", run.searches.size(), " searches"),
           .x_title = "search step",
           .y_title = absl::StrCat(LossName(run), ", alphas' half")},
          curves),
      "The search with the lowest loss on the alphas' half in its last epoch gives the cell.");
}

void AddEntropy(Markup& markup, const SearchRun& search, size_t candidates) {
  if (search.alpha_entropy.step.empty()) return;
  std::vector<Curve> curves = {
      {.name = "", .color = 2, .x = search.alpha_entropy.step, .y = search.alpha_entropy.value}};
  ChartOptions options{.label = "Mean entropy of softmax(α) over search steps",
                       .x_title = "search step",
                       .y_title = "entropy of softmax(α), mean over edges (nats)"};
  if (candidates > 1) {
    const double uniform = std::log(static_cast<double>(candidates));
    options.levels.push_back(
        {uniform, absl::StrCat("all ", candidates, " equal: ", Fixed(uniform, 2))});
  }
  AddFigure(markup, "How decided the search is", LineChart(options, curves),
            "It falls as edges settle on an operation; 0 would be one operation everywhere.");
}

void AddGradientNorm(Markup& markup, const RunData& run, const SearchRun& search) {
  if (search.gradient_norm.step.empty()) return;
  std::vector<Curve> curves;
  AddSmoothed("", 0, search.gradient_norm, &curves);
  ChartOptions options{.label = "Norm of the weights' gradient over search steps",
                       .x_title = "search step",
                       .y_title = "norm of the weights' gradient",
                       .from_zero = true};
  const double clip = run.spec ? run.spec->search().weights().clip_norm() : 0;
  const auto& norms = search.gradient_norm.value;
  std::string caption = "Before clipping.";
  if (clip > 0) {
    const auto clipped =
        std::count_if(norms.begin(), norms.end(), [clip](double v) { return v > clip; });
    if (clipped > 0)
      options.levels.push_back({clip, absl::StrCat("clipped above ", Significant(clip, 2))});
    absl::StrAppend(&caption, " ", clipped == 0 ? "No step" : Grouped(clipped), " of ",
                    Grouped(static_cast<int64_t>(norms.size())), " was clipped (limit ",
                    Significant(clip, 1), ").");
  }
  AddFigure(markup, "Gradient", LineChart(options, curves), caption);
}

void AddSkips(Markup& markup, const RunData& run, const SearchRun& search) {
  std::vector<Curve> curves;
  for (const int kind : {kNormal, kReduction}) {
    Curve curve{
        .name = absl::StrCat(kCellNames[kind], " cell"), .color = kind, .style = Curve::kSteps};
    for (const SearchEpoch& epoch : search.epochs) {
      if (!epoch.skip_connects[kind]) continue;
      curve.x.push_back(epoch.epoch + 1.0);
      curve.y.push_back(static_cast<double>(*epoch.skip_connects[kind]));
    }
    curves.push_back(curve);
  }
  if (curves[0].x.empty()) return;
  ChartOptions options{.label = "Skip connections of the derived cells over epochs",
                       .x_title = "epoch",
                       .y_title = "skip connections of the cell derived then",
                       .from_zero = true,
                       .integer_y = true};
  const SearchEpoch& last = search.epochs.back();
  const int edges = last.cell  ? last.cell->normal().edge_size()
                    : run.cell ? run.cell->normal().edge_size()
                               : 0;
  if (edges > 0) {
    options.levels.push_back({edges / 2.0, absl::StrCat("half of the ", edges, " edges")});
  }
  AddFigure(
      markup, "Skip connections", LineChart(options, curves),
      "A search that goes on too long fills the cell with skip connections, which learn fast and "
      "compute nothing. Above the dotted line, suspect that.");
}

}  // namespace

Markup SearchSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "search", "How it was found");
  if (run.searches.empty()) {
    AddMissing(
        markup,
        run.spec && run.spec->has_architecture()
            ? "The cell was given, not searched for: the spec names an architecture."
            : "No search in this run folder: search/seed_…/metrics.jsonl is written from the first "
              "step on.");
    markup.Close();
    return markup;
  }
  const SearchRun* search = ChosenSearch(run);
  if (search == nullptr) {
    search = &run.searches[0];
    AddMissing(markup,
               absl::StrCat("Which of the ", run.searches.size(),
                            " searches gives the cell is decided when all are done; this shows ",
                            search->stage, "."));
  } else if (run.searches.size() > 1) {
    markup.Leaf("p", {},
                absl::StrCat("Of ", run.searches.size(), " searches, ", search->stage,
                             " gave the cell and is shown here."));
  }
  markup.Open("div", {{"class", "figures"}});
  AddLosses(markup, run, *search);
  AddSeeds(markup, run);
  AddEntropy(markup, *search, CandidateNames(run).size());
  AddSkips(markup, run, *search);
  AddGradientNorm(markup, run, *search);
  // A grid of their own, so that the two cells stand side by side.
  markup.Close().Open("div", {{"class", "figures"}});
  for (const int kind : {kNormal, kReduction}) AddHeatMap(markup, run, *search, kind);
  for (const int kind : {kNormal, kReduction}) AddTimeline(markup, run, *search, kind);
  markup.Close();
  if (search->epochs.empty()) {
    AddMissing(markup,
               "softmax(α) over time and the cells derived on the way are written at the end of "
               "each epoch; the "
               "first is not over.");
  }
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
