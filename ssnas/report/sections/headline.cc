#include "ssnas/report/sections/headline.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/readable.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/run/comparison.h"
#include "ssnas/report/statistics.h"

namespace ssnas::report {
namespace {

struct Fact {
  std::string name;
  std::string value;
  std::string more;
};

std::vector<double> Accuracies(const std::vector<const NetworkResult*>& networks, Measure measure) {
  std::vector<double> values;
  for (const NetworkResult* network : networks) values.push_back(*AccuracyOf(*network, measure));
  return values;
}

std::string CellPhrase(const RunData& run) {
  std::string phrase = "A cell found without labels";
  if (run.spec && run.spec->has_architecture()) {
    phrase = "A given cell";
  } else if (run.summary && run.summary->labels_read_by_search.value_or(0) > 0) {
    phrase = "A cell found with labels";
  } else if (!run.summary && run.spec && run.spec->objective().name() == "cross_entropy") {
    phrase = "A cell found with labels";
  }
  const std::string data = DatasetName(run);
  return data.empty() ? phrase : absl::StrCat(phrase, " on ", data);
}

// How the found network stands beside the random ones: "1.1 points above a random cell, which …".
std::string RandomPhrase(const RunData& run, Measure measure) {
  const auto found = NetworksOf(run, "found", measure);
  const auto random = NetworksOf(run, "random", measure);
  if (found.empty() || random.empty()) return "";
  int better = 0;
  int worse = 0;
  for (const NetworkResult* other : random) {
    const std::optional<Contrast> contrast = Compare(*found[0], *other, measure);
    better += contrast && contrast->verdict == Verdict::kBetter ? 1 : 0;
    worse += contrast && contrast->verdict == Verdict::kWorse ? 1 : 0;
  }
  const double points =
      100 * (Mean(Accuracies(found, measure)) - Mean(Accuracies(random, measure)));
  const std::string gap = absl::StrCat(", ", Fixed(std::fabs(points), 1), " points ",
                                       points >= 0 ? "better" : "worse", " than ");
  if (random.size() == 1) {
    return absl::StrCat(gap, "a random cell",
                        better + worse > 0 ? "." : ": too little to tell the two apart.");
  }
  return absl::StrCat(gap, "the mean of ", random.size(), " random cells; clearly better than ",
                      better, " of them",
                      worse > 0 ? absl::StrCat(", clearly worse than ", worse) : "", ".");
}

std::string ResultSentence(const RunData& run, Measure measure) {
  const auto found = NetworksOf(run, "found", measure);
  const double accuracy = Mean(Accuracies(found, measure));
  const double images = found[0]->test_images.value_or(0);
  const std::string of_images =
      images > 0 ? absl::StrCat(" of ", Grouped(std::llround(images)), " test images")
                 : " of the test images";
  std::string result = measure == Measure::kProbe
                           ? absl::StrCat("a linear probe on its features gets ", Percent(accuracy),
                                          of_images, " right")
                           : absl::StrCat("trained from scratch with labels, it errs on ",
                                          Percent(1 - accuracy, 2), of_images);
  const std::string random = RandomPhrase(run, measure);
  return absl::StrCat(CellPhrase(run), ": ", result, random.empty() ? "." : random);
}

std::string LossRange(const Series& series) {
  std::vector<double> finite;
  std::copy_if(series.value.begin(), series.value.end(), std::back_inserter(finite),
               [](double v) { return std::isfinite(v); });
  if (finite.empty()) return "";
  const size_t some = std::max<size_t>(1, finite.size() / 20);
  const std::vector<double> first(finite.begin(), finite.begin() + some);
  const std::vector<double> last(finite.end() - some, finite.end());
  return absl::StrCat(Significant(Mean(first), 3), " → ", Significant(Mean(last), 3));
}

// The found network of a finished run that was to pretrain it and to test nothing; else null.
const NetworkResult* OnlyPretrained(const RunData& run) {
  if (!run.summary || !run.spec || run.spec->has_probe() || run.spec->has_evaluate()) {
    return nullptr;
  }
  for (const NetworkResult& network : run.summary->networks) {
    if (network.role == "found" && network.contrastive_loss) return &network;
  }
  return nullptr;
}

// Its loss on held-out images, or in the last epoch of training.
std::string PretrainedLoss(const NetworkResult& network) {
  return Fixed(network.contrastive_validation_loss.value_or(*network.contrastive_loss), 3);
}

// For a run in which nothing has been tested yet.
std::string ProgressSentence(const RunData& run) {
  const bool done = run.cell.has_value();
  if (const NetworkResult* network = OnlyPretrained(run)) {
    return absl::StrCat(CellPhrase(run),
                        ", its network pretrained on the same images: ", LossName(run), " ",
                        PretrainedLoss(*network),
                        network->contrastive_validation_loss ? " on held-out ones." : ".");
  }
  if (run.searches.empty()) {
    return done ? absl::StrCat(CellPhrase(run), ", not yet tested.")
                : absl::StrCat(run.folder, ": nothing has been computed yet.");
  }
  const SearchRun* search = ChosenSearch(run);
  if (search == nullptr) search = &run.searches[0];
  const std::string loss = LossRange(search->weight_loss);
  return absl::StrCat(done ? CellPhrase(run)
                           : absl::StrCat("A search under way",
                                          DatasetName(run).empty() ? "" : " on ", DatasetName(run)),
                      ": ", LossName(run), loss.empty() ? " not known" : absl::StrCat(" ", loss),
                      " in ", Counted(search->steps, "step", "steps"),
                      done ? "; not yet tested." : "; no cell has been derived yet.");
}

Fact ResultFact(const RunData& run, Measure measure) {
  if (measure == Measure::kNone) {
    const SearchRun* search = ChosenSearch(run);
    if (search == nullptr && !run.searches.empty()) search = &run.searches[0];
    const std::string loss = search != nullptr ? LossRange(search->weight_loss) : "";
    if (const NetworkResult* network = OnlyPretrained(run)) {
      return {absl::StrCat(LossName(run), network->contrastive_validation_loss ? ", held out" : ""),
              PretrainedLoss(*network),
              loss.empty() ? "no label to test with" : absl::StrCat("of the search: ", loss)};
    }
    return {"accuracy", "–",
            loss.empty() ? "not tested" : absl::StrCat("not tested; ", LossName(run), " ", loss)};
  }
  const auto found = NetworksOf(run, "found", measure);
  const std::vector<double> values = Accuracies(found, measure);
  const double images = found[0]->test_images.value_or(0);
  const bool probe = measure == Measure::kProbe;
  std::string more;
  if (values.size() > 1) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    more = absl::StrCat(Percent(probe ? *low : 1 - *high), " to ",
                        Percent(probe ? *high : 1 - *low), " over ", values.size(), " seeds");
  } else if (images > 0) {
    const Interval interval = Wilson(values[0], images);
    more =
        absl::StrCat("95 % interval ", Fixed(100 * (probe ? interval.low : 1 - interval.high), 1),
                     " to ", Percent(probe ? interval.high : 1 - interval.low));
  }
  return {probe ? "probe accuracy" : "test error",
          probe ? Percent(Mean(values)) : Percent(1 - Mean(values), 2), more};
}

Fact LabelsFact(const RunData& run) {
  const std::string name = "labels read by the search";
  if (!run.summary || !run.summary->labels_read_by_search) {
    return {name, "–", "said at the end of the run"};
  }
  if (run.searches.empty()) return {name, "–", "no search in this run"};
  const auto found = NetworksOf(run, "found", MainMeasure(run));
  std::string more;
  if (!found.empty() && found[0]->labels_used.value_or(0) > 0) {
    more = absl::StrCat(Grouped(std::llround(*found[0]->labels_used)),
                        MainMeasure(run) == Measure::kProbe ? " by the probe, after it"
                                                            : " by the training after it");
  }
  return {name, Grouped(*run.summary->labels_read_by_search), more};
}

Fact ParametersFact(const RunData& run) {
  if (run.summary) {
    for (const NetworkResult& network : run.summary->networks) {
      if (network.role != "found" || !network.parameters) continue;
      return {"parameters", Amount(*network.parameters),
              network.multiply_adds
                  ? absl::StrCat(Amount(*network.multiply_adds), " multiply-adds an image")
                  : ""};
    }
  }
  return {"parameters", "–", "no network has been built from the cell"};
}

Fact TimeFact(const RunData& run) {
  double seconds = 0;
  for (const StageCost& cost : run.costs) seconds += cost.seconds;
  if (run.summary && run.summary->wall_seconds) seconds = *run.summary->wall_seconds;
  std::vector<std::string> machine;
  if (run.summary && run.summary->threads) {
    machine.push_back(Counted(*run.summary->threads, "thread", "threads"));
  }
  if (run.summary && !run.summary->cpu.empty()) machine.push_back(Shorten(run.summary->cpu, 40));
  return {"time", seconds > 0 ? Duration(seconds) : "–", absl::StrJoin(machine, ", ")};
}

void AddList(Markup& markup, const char* heading, const std::vector<std::string>& lines) {
  constexpr size_t kMost = 12;
  if (lines.empty()) return;
  markup.Open("aside", {{"class", "notes"}}).Leaf("p", {}, heading).Open("ul");
  for (size_t i = 0; i < std::min(lines.size(), kMost); ++i) {
    markup.Leaf("li", {}, Shorten(lines[i], 600));
  }
  if (lines.size() > kMost)
    markup.Leaf("li", {}, absl::StrCat("and ", lines.size() - kMost, " more"));
  markup.Close().Close();
}

}  // namespace

std::string HeadlineSentence(const RunData& run) {
  const Measure measure = MainMeasure(run);
  return measure == Measure::kNone ? ProgressSentence(run) : ResultSentence(run, measure);
}

Markup HeadlineSection(const RunData& run) {
  std::vector<std::string> eyebrow = {"SSNAS"};
  if (run.summary && !run.summary->version.empty()) eyebrow[0] += " " + run.summary->version;
  const std::string experiment = run.summary ? run.summary->experiment
                                 : run.spec  ? run.spec->name()
                                             : "";
  eyebrow.push_back(experiment.empty() ? run.folder : experiment);
  if (run.summary && run.summary->seed)
    eyebrow.push_back(absl::StrCat("seed ", *run.summary->seed));
  if (!run.summary || !run.summary->finished) eyebrow.push_back("not finished");
  Markup markup;
  markup.Open("header");
  markup.Leaf("p", {{"class", "eyebrow"}}, absl::StrJoin(eyebrow, " · "));
  markup.Leaf("h1", {}, HeadlineSentence(run));
  markup.Open("dl", {{"class", "facts"}});
  const Measure measure = MainMeasure(run);
  for (const Fact& fact :
       {ResultFact(run, measure), LabelsFact(run), ParametersFact(run), TimeFact(run)}) {
    markup.Open("div").Leaf("dt", {}, fact.name);
    markup.Leaf("dd", {{"class", "value"}}, fact.value);
    markup.Leaf("dd", {{"class", "more"}}, fact.more).Close();
  }
  markup.Close();
  if (run.summary) AddList(markup, "What the run says of itself", run.summary->notes);
  AddList(markup, "What is wrong with the files of this run", run.problems);
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
