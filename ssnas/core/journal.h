// metrics.jsonl and timings.jsonl: one JSON object a line, appended.
//
// Metrics hold only what the computation determines; times, rates and waits go to timings. A
// checkpoint remembers the length of the metrics; a resume cuts the file there, so that it ends up
// byte-equal to that of a run never stopped. Each line is also a TensorBoard event in the same
// folder, in a new file a start. A line is one write, so that `tail -f` follows and a kill loses
// none. Not thread-safe. Errors are in area kRunFolder, or kResources where the disk is full.
#ifndef SSNAS_CORE_JOURNAL_H_
#define SSNAS_CORE_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace ssnas {

class Journal {
 public:
  // Opens DIR/metrics.jsonl cut to `metrics_bytes` (DataLoss when it is shorter, or no
  // line ends there), and DIR/timings.jsonl.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& folder,
                                                       uint64_t metrics_bytes);
  virtual ~Journal() = default;

  // `line` is an object with an integer "step"; its numbers become TensorBoard scalars.
  virtual absl::Status Metric(const nlohmann::ordered_json& line) = 0;
  virtual absl::Status Timing(const nlohmann::ordered_json& line) = 0;
  // Makes all lines durable and returns the length of metrics.jsonl.
  virtual absl::StatusOr<uint64_t> Sync() = 0;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_JOURNAL_H_
