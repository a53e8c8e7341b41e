// How far the fused engine's loss strays over 200 search steps, beside what float32 itself strays.
//
// ./bazelw run //bench:loss_curve -- --spec=experiments/fashion_mnist_ssnas.textproto --steps=200
//
// Says on standard error what it is at and prints, last, one JSON line: "engine_distance",
// "eager_distances", "ratio" (engine ÷ the largest of eager; issue 5: at most 2) and both curves.
// C=8, 5 cells and 16 rows unless told otherwise. See bench/loss_curves.h.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/loss_curves.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/spec.h"

DEFINE_string(spec, "experiments/fashion_mnist_ssnas.textproto", "Whose images and search.");
DEFINE_string(engine, "fused", "The engine whose curve is measured.");
DEFINE_int32(channels, 8, "Channels of the first cell.");
DEFINE_int32(cells, 5, "Cells.");
DEFINE_int32(batch, 8, "Images of a step, two views each: 16 rows.");
DEFINE_int32(steps, 200, "Search steps.");
DEFINE_int32(eager_runs, 5, "Runs of the reference engine in float32.");
DEFINE_int32(threads, 1, "Threads.");

namespace ssnas {
namespace {

absl::Status Main() {
  if (FLAGS_eager_runs < 1 || FLAGS_threads < 1 || FLAGS_steps < 1) {
    return InArea(ErrorArea::kUser,
                  absl::InvalidArgumentError("--eager_runs, --threads and --steps are at least 1"));
  }
  const auto text = ReadFile(UserPath(FLAGS_spec), /*max_bytes=*/1 << 24);
  if (!text.ok()) return InArea(ErrorArea::kUser, text.status());
  SSNAS_ASSIGN_OR_RETURN(const ExperimentSpec loaded,
                         LoadSpec(*text, FLAGS_spec,
                                  {absl::StrCat("search.channels=", FLAGS_channels),
                                   absl::StrCat("search.cells=", FLAGS_cells),
                                   absl::StrCat("search.batch=", FLAGS_batch)}));
  SSNAS_ASSIGN_OR_RETURN(const ExperimentSpec spec, ResolveSpec(loaded));
  SSNAS_ASSIGN_OR_RETURN(const LossCurves curves,
                         MeasureLossCurves(spec, {.engine = FLAGS_engine,
                                                  .threads = FLAGS_threads,
                                                  .steps = FLAGS_steps,
                                                  .eager_runs = FLAGS_eager_runs,
                                                  .begins = [](const std::string& name) {
                                                    std::fprintf(stderr, "  %s …\n", name.c_str());
                                                  }}));
  const double largest = *std::max_element(curves.eager.begin(), curves.eager.end());
  std::printf("%s\n", JsonLine({{"engine", FLAGS_engine},
                                {"channels", FLAGS_channels},
                                {"cells", FLAGS_cells},
                                {"batch", FLAGS_batch},
                                {"steps", FLAGS_steps},
                                {"engine_distance", curves.engine},
                                {"eager_distances", curves.eager},
                                {"ratio", curves.engine / largest},
                                {"exact_losses", curves.exact_losses},
                                {"engine_losses", curves.engine_losses},
                                {"eager_losses", curves.eager_losses}})
                          .c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  const absl::Status status = ssnas::Main();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ssnas::ExitCode(status);
}
