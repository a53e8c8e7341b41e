#include "ssnas/report/run/read_stages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/report/run/json_fields.h"
#include "ssnas/report/run/read_protos.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void Append(const Json& line, double step, absl::string_view key, Series* series) {
  series->step.push_back(step);
  series->value.push_back(NumberField(line, key).value_or(kNone));
}

// A series of nothing but gaps is a series that is not there.
void DropIfEmpty(Series* series) {
  const auto& values = series->value;
  if (std::none_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
    *series = Series();
  }
}

// Softmax rows with one length for all edges.
bool IsWeights(const std::vector<std::vector<double>>& rows) {
  return !rows.empty() && !rows[0].empty() &&
         std::all_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.size() == rows[0].size(); });
}

SearchEpoch ParseEpoch(const Json& line, const std::string& origin, Problems* problems) {
  SearchEpoch epoch;
  epoch.step = IntegerField(line, "step").value_or(0);
  epoch.epoch =
      static_cast<int>(std::clamp<int64_t>(IntegerField(line, "epoch").value_or(0), 0, 1 << 30));
  constexpr const char* kKeys[] = {"alphas_normal", "alphas_reduction"};
  for (const int kind : {kNormal, kReduction}) {
    epoch.weights[kind] = MatrixField(line, kKeys[kind]);
    if (!IsWeights(epoch.weights[kind])) epoch.weights[kind].clear();
  }
  const Json& skips = Member(line, "skip_connects");
  if (skips.is_array() && skips.size() == 2 && skips[0].is_number() && skips[1].is_number()) {
    for (const int kind : {kNormal, kReduction}) {
      const double count = skips[kind].get<double>();
      if (count >= 0 && count < 1e6) epoch.skip_connects[kind] = std::llround(count);
    }
  }
  const std::string genotype = TextField(line, "genotype");
  if (genotype.empty()) return epoch;
  absl::StatusOr<Architecture> cell =
      ParseRunCell(genotype, absl::StrCat(origin, ", epoch ", epoch.epoch));
  if (cell.ok()) {
    epoch.cell = *std::move(cell);
  } else {
    problems->push_back(std::string(cell.status().message()));
  }
  return epoch;
}

}  // namespace

std::vector<std::string> StageNames(const std::string& folder, const std::string& kind) {
  const std::string path = JoinPath(folder, kind);
  std::vector<std::string> names;
  if (!PathExists(path)) return names;
  absl::StatusOr<std::vector<std::string>> entries = ListFolder(path);
  if (!entries.ok()) return names;
  const auto number = [](const std::string& name) {
    int64_t value = 0;
    return absl::SimpleAtoi(name.substr(name.rfind('_') + 1), &value) ? value : 0;
  };
  std::stable_sort(entries->begin(), entries->end(), [&](const auto& a, const auto& b) {
    const std::string stem_a = a.substr(0, a.rfind('_'));
    const std::string stem_b = b.substr(0, b.rfind('_'));
    return stem_a != stem_b ? stem_a < stem_b : number(a) < number(b);
  });
  for (const std::string& entry : *entries) {
    if (PathExists(JoinPath(JoinPath(path, entry), "metrics.jsonl"))) {
      names.push_back(absl::StrCat(kind, "/", entry));
    }
  }
  return names;
}

SearchRun ReadSearch(const std::string& folder, const std::string& stage, Problems* problems) {
  SearchRun run;
  run.stage = stage;
  const std::string name = JoinPath(stage, "metrics.jsonl");
  ReadJsonLines(folder, name, problems, [&](const Json& line) {
    if (TextField(line, "event") == "epoch") {
      run.epochs.push_back(ParseEpoch(line, name, problems));
      return;
    }
    const std::optional<int64_t> step = IntegerField(line, "step");
    if (!step) return;
    run.steps = std::max(run.steps, *step);
    const double at = static_cast<double>(*step);
    Append(line, at, "weight_loss", &run.weight_loss);
    Append(line, at, "alpha_loss", &run.alpha_loss);
    Append(line, at, "alpha_entropy", &run.alpha_entropy);
    Append(line, at, "gradient_norm", &run.gradient_norm);
  });
  for (Series* series :
       {&run.weight_loss, &run.alpha_loss, &run.alpha_entropy, &run.gradient_norm}) {
    DropIfEmpty(series);
  }
  return run;
}

TrainingRun ReadTraining(const std::string& folder, const std::string& stage, Problems* problems) {
  TrainingRun run;
  run.stage = stage;
  run.name = stage.substr(stage.find('/') + 1);
  ReadJsonLines(folder, JoinPath(stage, "metrics.jsonl"), problems, [&](const Json& line) {
    const std::optional<int64_t> step = IntegerField(line, "step");
    const std::string event = TextField(line, "event");
    if (!step) return;
    const double at = static_cast<double>(*step);
    if (event == "epoch") {
      Append(line, at, "validation_loss", &run.validation_loss);
    } else if (event.empty()) {
      run.steps = std::max(run.steps, *step);
      Append(line, at, "loss", &run.loss);
      Append(line, at, "accuracy", &run.accuracy);
    }
  });
  for (Series* series : {&run.loss, &run.accuracy, &run.validation_loss}) DropIfEmpty(series);
  return run;
}

std::optional<StageTimings> ReadTimings(const std::string& folder, const std::string& stage,
                                        Problems* problems) {
  StageTimings timings;
  timings.rate.stage = stage;
  timings.cost.name = stage;
  timings.cost.kind = stage.substr(0, stage.find('/'));
  double images = 0;
  double waited = 0;
  double peak = 0;
  const bool there =
      ReadJsonLines(folder, JoinPath(stage, "timings.jsonl"), problems, [&](const Json& line) {
        peak = std::max(peak, NumberField(line, "peak_memory_bytes").value_or(0));
        const std::optional<double> seconds = NumberField(line, "seconds");
        const std::optional<double> step = NumberField(line, "step");
        if (!seconds || *seconds < 0 || !step) return;
        const std::optional<double> rate = NumberField(line, "images_per_second");
        timings.cost.seconds += *seconds;
        waited += NumberField(line, "wait_seconds").value_or(0);
        images += *seconds * rate.value_or(0);
        Append(line, *step, "images_per_second", &timings.rate.images_per_second);
      });
  if (!there) return std::nullopt;
  DropIfEmpty(&timings.rate.images_per_second);
  timings.cost.wait_seconds = waited;
  if (timings.cost.seconds > 0) timings.cost.images_per_second = images / timings.cost.seconds;
  if (peak > 0) timings.cost.peak_memory_bytes = peak;
  return timings;
}

}  // namespace ssnas::report
