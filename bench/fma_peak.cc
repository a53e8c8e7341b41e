// Prints what the machine can do at most; its last line is JSON.
//
// ./bazelw run -c opt //bench:fma_peak -- --threads=2
#include <gflags/gflags.h>

#include <cstdio>

#include "bench/machine_peak.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/json_file.h"

DEFINE_int32(threads, 2, "Threads that compute at once.");

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (FLAGS_threads < 1 || FLAGS_threads > 1024) {
    std::fprintf(stderr, "--threads=%d: from 1 to 1024\n", FLAGS_threads);
    return 2;
  }
  const ssnas::MachinePeak peak = ssnas::MeasureMachinePeak(FLAGS_threads);
  std::printf("%d threads, %s: %.1f GFLOP/s of multiply-adds, %.1f GB/s copied (read + written)\n",
              FLAGS_threads, peak.target.c_str(), peak.gflops, peak.copy_gb_per_s);
  const nlohmann::ordered_json line = {{"threads", FLAGS_threads},
                                       {"target", peak.target},
                                       {"fma_peak_gflops", peak.gflops},
                                       {"copy_gb_per_s", peak.copy_gb_per_s}};
  std::printf("%s\n", ssnas::JsonLine(line).c_str());
  return 0;
}
