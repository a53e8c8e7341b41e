// How far an engine's loss strays from the exact one over many steps of a search, beside what
// float32 itself strays.
//
// Every run makes the same first-order search steps on the same batches, as the experiment of the
// spec reads them: one in float64 on the reference engine with its optimisers restated in float64
// (the exact curve), one on the engine, and some on the reference engine in float32 whose initial
// weights differ from the others' by one rounding each, up or down at random. A curve is the losses
// of both halves, step by step; a distance is √mean (ℓ − ℓ_exact)². Training is chaotic: rounding
// grows from step to step whoever computes, so the largest of the float32 runs' distances is the
// measure of the engine's.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const LossCurves curves, MeasureLossCurves(spec, {.steps = 200}));
//   curves.engine <= 2 * the largest of curves.eager
#ifndef BENCH_LOSS_CURVES_H_
#define BENCH_LOSS_CURVES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

struct LossCurveOptions {
  std::string engine = "fused";
  int threads = 1;
  int steps = 200;
  int eager_runs = 5;
  // Called before each run with its name; null: not.
  std::function<void(const std::string&)> begins = nullptr;
};

struct LossCurves {
  double engine = 0;          // distance of the engine's curve
  std::vector<double> eager;  // of each float32 run
  // Alpha half, weight half, and so on.
  std::vector<double> exact_losses, engine_losses;
  std::vector<std::vector<double>> eager_losses;  // of each float32 run
};

// `spec` is resolved; its dataset, augmentations, objective and search are used, the default space.
absl::StatusOr<LossCurves> MeasureLossCurves(const ExperimentSpec& spec,
                                             const LossCurveOptions& options);

}  // namespace ssnas

#endif  // BENCH_LOSS_CURVES_H_
