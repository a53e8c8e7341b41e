// Times SimCLR's views on the calling thread: fused, plugin by plugin, and what bounds them.
//
// Seconds are the thread's own (CLOCK_THREAD_CPUTIME_ID), so that another program on the core does
// not count; the fastest of all repetitions counts. Every view of a repetition is of another image
// and goes to another place of a batch.
#ifndef BENCH_TIME_VIEWS_H_
#define BENCH_TIME_VIEWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ssnas {

struct ViewCase {
  int height = 0, width = 0, channels = 0;  // of the sources
  int size = 0;                             // of the views
  int images = 0;                           // and as many views a repetition
};

// Nanoseconds a view.
struct ViewTimes {
  double fused = 0;
  double plugins = 0;
  // A ceiling that is measured: the same views with everything but their arithmetic left out. Each
  // is drawn beforehand and made again and again from the same bytes to the same place, so that
  // sources, scratch and results are in cache and every branch was taken before.
  double in_cache = 0;
  // A bound that is counted: operations (bench/view_cost.h) at one for each lane of each
  // multiply-add that the machine can do.
  double arithmetic = 0;
};

// `seconds` for each of the three; `gflops`: multiply-adds of this machine's one thread, two each.
absl::StatusOr<ViewTimes> TimeViews(const ViewCase& view_case, double seconds, double gflops);

}  // namespace ssnas

#endif  // BENCH_TIME_VIEWS_H_
