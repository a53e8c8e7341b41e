// Times SimCLR's augmentations on one core: bytes of an image to a normalised view of floats.
//
// ./bazelw run //bench:augment
//
// Prints a table and, last, one JSON line. Sources are decoded images, another one for each view;
// steps and probabilities are SimCLR's. The plugin-by-plugin pipeline of the same run stands
// beside. What the ceilings are: bench/time_views.h.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "bench/machine_peak.h"
#include "bench/time_views.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/fused_views/view_kernels.h"

DEFINE_double(seconds, 1,
              "Seconds for each measurement; the fastest repetition counts. 0: one repetition.");

DEFINE_string(sizes, "28,32,96,224", "Sizes of the views that are timed.");

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// So many images that their bytes are not in the cache nearest to the core when their turn comes.
struct NamedCase {
  const char* name;
  ViewCase view_case;
};
constexpr NamedCase kCases[] = {
    {"28", {.height = 28, .width = 28, .channels = 1, .size = 28, .images = 2048}},
    {"32", {.height = 32, .width = 32, .channels = 3, .size = 32, .images = 2048}},
    {"96", {.height = 96, .width = 96, .channels = 3, .size = 96, .images = 512}},
    {"224", {.height = 375, .width = 500, .channels = 3, .size = 224, .images = 128}},
};

std::string Row(const ViewCase& c, const ViewTimes& t) {
  return absl::StrFormat("  %-12s %3d²  %11.0f  %10.0f  %8.0f%%  %9.0f%%  %13.0f  %7.1f\n",
                         absl::StrCat(c.width, "×", c.height, "×", c.channels), c.size,
                         1e9 / t.fused, t.fused, 100 * t.in_cache / t.fused,
                         100 * t.arithmetic / t.fused, 1e9 / t.plugins, t.plugins / t.fused);
}

absl::Status Run() {
  const MachinePeak peak = MeasureMachinePeak(/*threads=*/1);
  std::printf("One core, %s: %.1f GFLOP/s of multiply-adds\n", fused_views::InstructionSet(),
              peak.gflops);
  std::printf("  %-10s %4s  %11s  %10s  %9s  %10s  %13s  %7s\n", "source", "view", "views/s",
              "ns a view", "in cache", "arithmetic", "by plugin, /s", "times");
  Json summary = {{"instruction_set", fused_views::InstructionSet()},
                  {"fma_peak_gflops", peak.gflops}};
  const std::vector<std::string> sizes = absl::StrSplit(FLAGS_sizes, ',');
  for (const NamedCase& named : kCases) {
    if (std::find(sizes.begin(), sizes.end(), named.name) == sizes.end()) continue;
    SSNAS_ASSIGN_OR_RETURN(const ViewTimes times,
                           TimeViews(named.view_case, FLAGS_seconds, peak.gflops));
    std::fputs(Row(named.view_case, times).c_str(), stdout);
    std::fflush(stdout);
    const auto set = [&](const char* key, double value) {
      summary[absl::StrCat(key, "_", named.name)] = value;
    };
    set("views_per_second_per_core", 1e9 / times.fused);
    set("share_of_in_cache_ceiling", times.in_cache / times.fused);
    set("share_of_arithmetic_bound", times.arithmetic / times.fused);
    set("views_per_second_by_plugin", 1e9 / times.plugins);
    set("speedup_vs_plugins", times.plugins / times.fused);
  }
  std::printf("%s\n", JsonLine(summary).c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (!(FLAGS_seconds >= 0 && FLAGS_seconds <= 1000)) {
    std::fprintf(stderr, "--seconds=%g: from 0 to 1000\n", FLAGS_seconds);
    return 2;
  }
  const absl::Status status = ssnas::Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
