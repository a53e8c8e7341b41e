// Parameters and multiply-adds of a network, counted from its plan.
//
// Parameters are weights alone: no alphas, no auxiliary head. Multiply-adds are those of
// convolutions and of the classifier, of one image; published figures that differ count otherwise
// (docs/experiments.md).
#ifndef SSNAS_NETWORKS_COUNTING_H_
#define SSNAS_NETWORKS_COUNTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/tensor.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {

struct BlockWork {
  std::string name;
  Shape4 output;
  int64_t parameters = 0;
  int64_t multiply_adds = 0;
};

struct NetworkWork {
  std::vector<BlockWork> blocks;  // the auxiliary head left out
  int64_t representation_size = 0;
  int64_t parameters = 0;     // classifier included when num_classes > 0
  int64_t multiply_adds = 0;  // the same
  int64_t alphas = 0;         // architecture parameters of both cell kinds
};

// Of one image of this size; num_classes 0: without a classifier. InvalidArgument for sizes that do
// not fit the plan or whose work does not fit 64 bits.
absl::StatusOr<NetworkWork> CountWork(const NetworkPlan& plan, int64_t image_size,
                                      int64_t image_channels, int num_classes);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_COUNTING_H_
