#include "ssnas/engine/testing/random_block.h"

#include <string>
#include <utility>

#include "ssnas/core/philox.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {
namespace {

class Drawer {
 public:
  explicit Drawer(uint64_t seed)
      : seed_(seed), random_({.seed = seed, .purpose = Purpose::kTest}) {}

  RandomBlock Draw() {
    RandomBlock block;
    BlockPlan& plan = block.plan;
    plan.name = "block";
    plan.inputs = Between(1, 2);
    channels_ = Between(1, 19);
    columns_ = Between(2, 4);
    const int stride = Between(1, 2);
    const int nodes = Between(1, 3);
    for (int n = 0; n < nodes; ++n) plan.nodes.push_back(DrawNode(plan.inputs, n, stride));
    for (int n = 0; n < nodes; ++n) plan.concat.push_back(plan.inputs + n);
    if (stride == 1 && Coin()) plan.concat.push_back(0);
    const Shape4 shape{Between(1, 5), Between(3, 9), Between(3, 9), channels_};
    block.data = RandomBlockData(plan, std::vector<Shape4>(plan.inputs, shape), seed_);
    if (Coin()) {
      for (int64_t i = 0; i < plan.EdgeCount() * shape.n; ++i) {
        block.data.drop_path.push_back(Coin() ? 1.25 : 0.0);
      }
    }
    return block;
  }

 private:
  int Between(int low, int high) { return low + static_cast<int>(random_.Below(high - low + 1)); }
  bool Coin() { return random_.Bernoulli(0.5); }

  NodePlan DrawNode(int inputs, int node, int stride) {
    NodePlan drawn;
    for (int e = Between(1, 3); e > 0; --e) {
      EdgePlan edge{.from = Between(0, inputs + node - 1)};
      const int own_stride = edge.from < inputs ? stride : 1;
      const bool mixed = Coin();
      for (int c = mixed ? columns_ : 1; c > 0; --c) {
        edge.candidates.push_back({"op" + std::to_string(c), DrawRecipe(own_stride)});
      }
      if (mixed) edge.mixture_row = rows_++;
      edge.drop_path = Coin();
      drawn.edges.push_back(std::move(edge));
    }
    return drawn;
  }

  Recipe DrawRecipe(int stride) {
    RecipeBuilder b(channels_);
    names_ = 0;
    if (random_.Bernoulli(0.1)) {
      const int zero = b.Zero(0, stride);
      return std::move(b).Build(zero);
    }
    int64_t channels = channels_;
    int x = 0;
    for (int steps = Between(0, 2); steps > 0; --steps) x = Step(b, x, &channels, 1);
    if (stride == 2) x = Step(b, x, &channels, 2);
    for (int steps = Between(0, 3); steps > 0; --steps) x = Step(b, x, &channels, 1);
    if (channels != channels_) x = b.Pointwise(Name("last"), x, channels_);
    if (Coin()) x = b.BatchNorm(Name("norm"), x, Coin());
    return std::move(b).Build(x);
  }

  std::string Name(const std::string& kind) { return kind + std::to_string(names_++); }

  int Step(RecipeBuilder& b, int x, int64_t* channels, int stride) {
    const int kernel = 2 * Between(1, 2) + 1, dilation = Between(1, 2);
    switch (Between(stride == 1 ? 0 : 4, stride == 1 ? 10 : 8)) {
      case 0:
        return b.Relu(x);
      case 1:
        return b.Shift(x);
      case 2:
        return b.BatchNorm(Name("norm"), x, Coin());
      case 3:
        return b.Identity(x);
      case 4:
        return b.Depthwise(Name("depthwise"), x, kernel, stride, dilation,
                           dilation * (kernel - 1) / 2);
      case 5:
        *channels = Between(1, 19);
        return b.Pointwise(Name("pointwise"), x, *channels, stride);
      case 6:
        *channels = Between(1, 9);
        return b.Conv(Name("conv"), x, *channels, 3, stride, 1);
      case 7:
        return b.MaxPool(x, 3, stride, 1);
      case 8:
        return b.AvgPool(x, 3, stride, 1);
      case 9: {
        // One value, read three times.
        const int64_t before = *channels;
        int y = b.Relu(x);
        y = b.Pointwise(Name("pointwise"), y, Between(1, 5));
        const int joined = b.Concat({y, x, b.Relu(x)});
        *channels = 2 * before;
        x = b.Pointwise(Name("pointwise"), joined, *channels);
        return x;
      }
      default: {
        const int64_t half = Between(1, 5);
        const int first = b.Pointwise(Name("pointwise"), b.Relu(x), half);
        const int second = b.Pointwise(Name("pointwise"), b.Shift(x), half + 1);
        *channels = 2 * half + 1;
        return b.Concat({first, second});
      }
    }
  }

  const uint64_t seed_;
  Philox random_;
  int64_t channels_ = 0;
  int columns_ = 0;  // of the mixture
  int rows_ = 0;
  int names_ = 0;
};

}  // namespace

RandomBlock DrawBlock(uint64_t seed) { return Drawer(seed).Draw(); }

}  // namespace ssnas
