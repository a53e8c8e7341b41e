// A network in text: its cell drawn, its layers with shapes, parameters and multiply-adds.
//
//   normal cell      nodes: 0 = cell k−2, 1 = cell k−1, out = 2‖3‖4‖5
//     2 ← sep_conv_3x3(0) + sep_conv_3x3(1)
//   …
//   parameters: 3349342     multiply-adds: 528,359,040 (convolutions and classifier)     20
//   cells, …
//
// What is counted is said in counting.h. Images have three channels.
#ifndef SSNAS_NETWORKS_DESCRIBE_H_
#define SSNAS_NETWORKS_DESCRIBE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

struct DescribeOptions {
  int cells = 20;
  int channels = 36;
  int num_classes = 10;
  int64_t image_size = 32;
  NetworkSpec::Stem stem = NetworkSpec::AUTO;  // derived networks
};

// The network of a genotype. InvalidArgument for a network that cannot be built.
absl::StatusOr<std::string> DescribeDerived(const Architecture& architecture,
                                            const DescribeOptions& options);

// The supernet of a search, with a classifier.
absl::StatusOr<std::string> DescribeSupernet(const SearchSpace& space,
                                             const DescribeOptions& options);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_DESCRIBE_H_
