#include "ssnas/report/sections/networks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/readable.h"
#include "ssnas/report/charts/chart.h"
#include "ssnas/report/charts/dot_plot.h"
#include "ssnas/report/charts/palette.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/run/comparison.h"
#include "ssnas/report/sections/curves.h"

namespace ssnas::report {
namespace {

struct Role {
  const char* role;
  const char* one;
  const char* many;
  int color;
};
constexpr Role kRoles[] = {{"found", "found", "found", 0},
                           {"random", "random cell", "random cells", 1},
                           {"untrained", "found, untrained", "found, untrained", kGreyColor}};

const char* VerdictWord(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "found better";
    case Verdict::kWorse:
      return "found worse";
    case Verdict::kUndecided:
      return "too close";
  }
  return "";
}

Dot MakeDot(const NetworkResult& network, Measure measure) {
  const bool error = measure == Measure::kTest;
  const double accuracy = *AccuracyOf(network, measure);
  Dot dot{.value = 100 * (error ? 1 - accuracy : accuracy)};
  dot.hover = absl::StrCat(network.name, network.seed ? absl::StrCat(", seed ", *network.seed) : "",
                           ": ", Fixed(dot.value, 2), " %");
  if (network.test_images.value_or(0) > 0) {
    const Interval of_accuracy = Wilson(accuracy, *network.test_images);
    dot.interval = error ? Interval{100 * (1 - of_accuracy.high), 100 * (1 - of_accuracy.low)}
                         : Interval{100 * of_accuracy.low, 100 * of_accuracy.high};
    absl::StrAppend(&dot.hover, " (95 %: ", Fixed(dot.interval->low, 2), " to ",
                    Fixed(dot.interval->high, 2), ")");
  }
  return dot;
}

void AddDots(Markup& markup, const RunData& run, Measure measure) {
  std::vector<DotRow> rows;
  for (const Role& role : kRoles) {
    const auto networks = NetworksOf(run, role.role, measure);
    if (networks.empty()) continue;
    const bool found = absl::string_view(role.role) == "found";
    DotRow row{.name = networks.size() > 1 ? absl::StrCat(networks.size(), " ", role.many)
                       : found             ? networks[0]->name
                                           : role.one,
               .color = role.color};
    for (const NetworkResult* network : networks) row.dots.push_back(MakeDot(*network, measure));
    rows.push_back(row);
  }
  if (rows.empty()) return;
  const bool error = measure == Measure::kTest;
  DotPlotOptions options{
      .label = error ? "Test error of each network" : "Probe accuracy of each network",
      .x_title = error ? "test error, trained from scratch with labels (%)"
                       : "accuracy of a linear probe on test images (%)",
      .unit = " %",
      .chance_name = "chance"};
  if (run.summary->probe_chance) {
    options.chance = 100 * (error ? 1 - *run.summary->probe_chance : *run.summary->probe_chance);
  }
  AddFigure(markup, error ? "Test error" : "Probe accuracy", DotPlot(options, rows),
            "Each network is a dot, the line its 95 % interval; the upright line is the mean of "
            "several.");
}

std::string WithInterval(const NetworkResult& network, Measure measure) {
  const std::optional<double> accuracy = AccuracyOf(network, measure);
  if (!accuracy) return "";
  const bool error = measure == Measure::kTest;
  const std::string value = Percent(error ? 1 - *accuracy : *accuracy, 2);
  if (!(network.test_images.value_or(0) > 0)) return value;
  const Interval interval = Wilson(*accuracy, *network.test_images);
  return absl::StrCat(value, " (", Fixed(100 * (error ? 1 - interval.high : interval.low), 1), "–",
                      Fixed(100 * (error ? 1 - interval.low : interval.high), 1), ")");
}

// By what both were judged: training with labels if that is so, else the probe.
std::optional<Contrast> Against(const NetworkResult* found, const NetworkResult& other) {
  if (found == nullptr || found == &other) return std::nullopt;
  const std::optional<Contrast> tested = Compare(*found, other, Measure::kTest);
  return tested ? tested : Compare(*found, other, Measure::kProbe);
}

std::string Difference(const std::optional<Contrast>& contrast) {
  if (!contrast) return "";
  // A proper minus sign is as wide as a plus.
  const auto points = [](double share) {
    const std::string text = Fixed(std::fabs(100 * share), 1);
    return absl::StrCat(share < 0 && text != "0.0" ? "−" : "+", text);
  };
  return absl::StrCat(points(contrast->difference), " (", points(contrast->interval.low), " to ",
                      points(contrast->interval.high), ")");
}

// The number of test images when it is one for all networks.
std::optional<double> SharedImages(const std::vector<NetworkResult>& networks) {
  const std::optional<double> images = networks[0].test_images;
  const bool shared =
      std::all_of(networks.begin(), networks.end(),
                  [&](const NetworkResult& network) { return network.test_images == images; });
  return shared ? images : std::nullopt;
}

std::vector<std::vector<std::string>> NetworkRows(const RunData& run, bool with_images) {
  const auto all_found = NetworksOf(run, "found", MainMeasure(run));
  const NetworkResult* found = all_found.empty() ? nullptr : all_found[0];
  const auto number = [](std::optional<double> v, auto format) {
    return v ? format(*v) : std::string();
  };
  const auto whole = [](double v) { return Grouped(std::llround(v)); };
  const auto amount = [](double v) { return Amount(v); };
  const auto loss = [](double v) { return Fixed(v, 3); };
  std::vector<std::vector<std::string>> rows;
  for (const NetworkResult& network : run.summary->networks) {
    const std::optional<Contrast> contrast = Against(found, network);
    rows.push_back({Shorten(network.name, 60), WithInterval(network, Measure::kProbe),
                    WithInterval(network, Measure::kTest), Difference(contrast),
                    contrast ? VerdictWord(contrast->verdict) : "",
                    number(network.contrastive_validation_loss, loss),
                    number(network.parameters, whole), number(network.multiply_adds, amount),
                    with_images ? number(network.test_images, whole) : "",
                    number(network.labels_used, whole)});
  }
  return rows;
}

void AddNetworkTable(Markup& markup, const RunData& run) {
  const std::optional<double> images = SharedImages(run.summary->networks);
  const std::string tested = images ? absl::StrCat("All are tested on the same ",
                                                   Grouped(std::llround(*images)), " images. ")
                                    : "";
  const std::string intervals =
      "In brackets: 95 % intervals for that number of images (Wilson; for differences, in points "
      "of "
      "accuracy, Newcombe). A difference counts when its interval leaves out zero. That is the "
      "chance of drawing these images; another seed moves the results too, so what a single pair "
      "of "
      "networks shows is no more than a hint.";
  AddTable(markup, MainMeasure(run) == Measure::kNone ? "" : absl::StrCat(tested, intervals),
           {{"network"},
            {"probe accuracy", true},
            {"test error", true},
            {"found − this", true},
            {"verdict"},
            {absl::StrCat(LossName(run), ", held out"), true},
            {"parameters", true},
            {"multiply-adds", true},
            {"test images", true},
            {"labels used", true}},
           NetworkRows(run, !images.has_value()));
}

// Names and colours as in the dots: random cells are one group, named once.
void AddTrainingCurves(const TrainingRun& training, int random_cells, int random_before,
                       std::vector<Curve>* curves) {
  const bool random = absl::StartsWith(training.name, "random");
  std::string name = training.name;
  if (random)
    name = random_cells == 1 ? "random cell" : absl::StrCat(random_cells, " random cells");
  if (random && random_before > 0) name.clear();
  const int color = random ? 1 : training.name == "found" ? 0 : 2;
  curves->push_back(Smoothed(name, color, training.loss));
  if (training.validation_loss.step.empty()) return;
  curves->push_back({.name = "",
                     .color = color,
                     .style = Curve::kPoints,
                     .x = training.validation_loss.step,
                     .y = training.validation_loss.value});
}

void AddTraining(Markup& markup, const std::vector<TrainingRun>& runs, const std::string& heading,
                 const std::string& loss, int batch) {
  constexpr int kMaxRandom = 8;
  const int random_cells =
      static_cast<int>(std::count_if(runs.begin(), runs.end(), [](const TrainingRun& training) {
        return absl::StartsWith(training.name, "random");
      }));
  std::vector<Curve> curves;
  int random = 0;
  for (const TrainingRun& training : runs) {
    const bool is_random = absl::StartsWith(training.name, "random");
    if (training.loss.step.empty() || (is_random && random == kMaxRandom)) continue;
    AddTrainingCurves(training, random_cells, random, &curves);
    random += is_random ? 1 : 0;
  }
  if (curves.empty()) return;
  const bool held_out = std::any_of(curves.begin(), curves.end(), [](const Curve& curve) {
    return curve.style == Curve::kPoints;
  });
  ChartOptions options{.label = absl::StrCat(heading, ": ", loss, " over steps"),
                       .x_title = "training step",
                       .y_title = loss};
  if (batch > 0) AddEqualGuess(batch, &options);
  AddFigure(markup, heading, LineChart(options, curves),
            absl::StrCat("Lines: moving mean of the training loss.",
                         held_out ? " Dots: loss on held-out images at the end of an epoch." : "",
                         random < random_cells ? " The first eight random cells only." : ""));
}

}  // namespace

Markup NetworksSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "networks", "Was it worth it?");
  const bool results = run.summary && !run.summary->networks.empty();
  if (!results) {
    AddMissing(
        markup,
        run.summary
            ? "No network was trained from the cell: the spec has neither pretrain nor evaluate."
            : "The networks are compared when the run is finished (summary.json is not there).");
  } else if (MainMeasure(run) == Measure::kNone) {
    AddMissing(markup, "No network was tested: the spec has neither probe nor evaluate.");
  }
  markup.Open("div", {{"class", "figures"}});
  if (results) {
    AddDots(markup, run, Measure::kTest);
    AddDots(markup, run, Measure::kProbe);
  }
  const bool contrastive = run.spec && run.spec->objective().name() == "nt_xent";
  AddTraining(markup, run.pretrained, "Pretraining without labels", LossName(run),
              contrastive ? run.spec->pretrain().batch() : 0);
  AddTraining(markup, run.evaluated, "Training with labels", "cross-entropy", 0);
  markup.Close();
  if (results) AddNetworkTable(markup, run);
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
