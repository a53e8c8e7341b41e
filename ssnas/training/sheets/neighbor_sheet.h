// A few images, each with those whose representation the trained network makes most like its own,
// for the report: what the network takes for alike.
//
// Eight images ask, held-out ones first; at most 1,000 images answer, the held-out ones and
// training images after them, in the order in which the seed drew them. No label is read.
#ifndef SSNAS_TRAINING_SHEETS_NEIGHBOR_SHEET_H_
#define SSNAS_TRAINING_SHEETS_NEIGHBOR_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/training/model.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// The images of a training, by their indices, in the order in which they were drawn.
struct DrawnImages {
  std::vector<int64_t> train;
  std::vector<int64_t> held_out;  // disjoint from `train`
};

// Writes PATH: JSON with base64 PNGs, and nothing but what the computation determines. `batch`
// images are looked at in one pass, with running statistics. Cancelled (StoppedStatus) on a signal.
absl::Status WriteNeighborSheet(const RunContext& context, const std::string& path,
                                const DrawnImages& drawn, int64_t batch, Model& model);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SHEETS_NEIGHBOR_SHEET_H_
