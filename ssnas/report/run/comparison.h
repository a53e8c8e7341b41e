// Which networks of a run are better than which, and when a difference counts.
//
// A difference of two accuracies counts when its 95 % interval (statistics.h: Newcombe) leaves out
// zero.
#ifndef SSNAS_REPORT_RUN_COMPARISON_H_
#define SSNAS_REPORT_RUN_COMPARISON_H_

#include <optional>
#include <vector>

#include "ssnas/report/run/run_data.h"
#include "ssnas/report/statistics.h"

namespace ssnas::report {

enum class Measure { kNone, kProbe, kTest };

// Accuracy on test images, between 0 and 1: of the probe, or of the network trained with labels.
std::optional<double> AccuracyOf(const NetworkResult& network, Measure measure);
// What the run is judged by: training with labels where the found network has it, else the probe.
Measure MainMeasure(const RunData& run);

// Networks of a role that have the measure, in their order.
std::vector<const NetworkResult*> NetworksOf(const RunData& run, const char* role, Measure measure);

enum class Verdict { kBetter, kWorse, kUndecided };
struct Contrast {
  double difference = 0;  // found − other
  Interval interval;
  Verdict verdict = Verdict::kUndecided;
};
// Empty when one of them lacks the accuracy or the number of images.
std::optional<Contrast> Compare(const NetworkResult& found, const NetworkResult& other,
                                Measure measure);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_COMPARISON_H_
