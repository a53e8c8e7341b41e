// Blocks drawn at random from all primitives: what no hand would think of.
#ifndef SSNAS_ENGINE_TESTING_RANDOM_BLOCK_H_
#define SSNAS_ENGINE_TESTING_RANDOM_BLOCK_H_

#include <cstdint>
#include <vector>

#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"
#include "ssnas/engine/testing/block_runner.h"

namespace ssnas {

struct RandomBlock {
  BlockPlan plan;
  BlockData data;
};

// One or two inputs of up to 9 × 9 pixels and 19 channels, one to three nodes with mixtures, plain
// edges, strides, repeated predecessors and drop-path, of recipes with up to seven primitives. The
// same for the same seed.
RandomBlock DrawBlock(uint64_t seed);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TESTING_RANDOM_BLOCK_H_
