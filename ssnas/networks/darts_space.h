// The search space of DARTS: four nodes, two edges a node, eight candidates in the order of
// quark0/darts.
#ifndef SSNAS_NETWORKS_DARTS_SPACE_H_
#define SSNAS_NETWORKS_DARTS_SPACE_H_

#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// Source: DARTS section 3.1. The paper searches the same space (section 4.1).
SearchSpace DartsSpace();

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_DARTS_SPACE_H_
