#include "ssnas/report/run/comparison.h"

namespace ssnas::report {

std::optional<double> AccuracyOf(const NetworkResult& network, Measure measure) {
  switch (measure) {
    case Measure::kNone:
      return std::nullopt;
    case Measure::kProbe:
      return network.probe_accuracy;
    case Measure::kTest:
      return network.test_error ? std::optional<double>(1 - *network.test_error) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<const NetworkResult*> NetworksOf(const RunData& run, const char* role,
                                             Measure measure) {
  std::vector<const NetworkResult*> networks;
  if (!run.summary) return networks;
  for (const NetworkResult& network : run.summary->networks) {
    if (network.role == role && AccuracyOf(network, measure)) networks.push_back(&network);
  }
  return networks;
}

Measure MainMeasure(const RunData& run) {
  for (const Measure measure : {Measure::kTest, Measure::kProbe}) {
    if (!NetworksOf(run, "found", measure).empty()) return measure;
  }
  return Measure::kNone;
}

std::optional<Contrast> Compare(const NetworkResult& found, const NetworkResult& other,
                                Measure measure) {
  const std::optional<double> a = AccuracyOf(found, measure);
  const std::optional<double> b = AccuracyOf(other, measure);
  if (!a || !b || !(found.test_images > 0) || !(other.test_images > 0)) return std::nullopt;
  Contrast contrast{.difference = *a - *b,
                    .interval = Newcombe(*a, *found.test_images, *b, *other.test_images)};
  if (contrast.interval.low > 0) contrast.verdict = Verdict::kBetter;
  if (contrast.interval.high < 0) contrast.verdict = Verdict::kWorse;
  return contrast;
}

}  // namespace ssnas::report
