#include "bench/loss_curves.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

constexpr char kSpec[] = R"(
name: "curves"
dataset { name: "synthetic" config { [type.googleapis.com/ssnas.SyntheticConfig] {
  size: 16 train_images: 512 test_images: 8 } } }
objective { name: "nt_xent" config { projection_size: 8 } }
augmentation { name: "flip" }
augmentation { name: "color_jitter" }
space {
  candidate { name: "none" }
  candidate { name: "max_pool_3x3" }
  candidate { name: "avg_pool_3x3" }
  candidate { name: "skip_connect" }
  candidate { name: "sep_conv_3x3" }
  candidate { name: "sep_conv_5x5" }
  candidate { name: "dil_conv_3x3" }
  candidate { name: "dil_conv_5x5" }
}
# Rows enough that no rounding turns a maximum or a ReLU over within these steps: one flip in a
# batch of four images changes a loss by a hundredth.
search { cells: 2 channels: 4 batch: 16 weights { learning_rate: 0.025 } }
)";

TEST(LossCurvesTest, TheFusedEngineStaysAsNearAsFloat32Does) {
  const ExperimentSpec spec = *ResolveSpec(*LoadSpec(kSpec, "curves.textproto", {}));
  const absl::StatusOr<LossCurves> curves = MeasureLossCurves(spec, {.steps = 4, .eager_runs = 2});
  ASSERT_TRUE(curves.ok()) << curves.status();
  ASSERT_EQ(curves->eager.size(), 2u);
  ASSERT_EQ(curves->exact_losses.size(), 8u);
  const double largest = *std::max_element(curves->eager.begin(), curves->eager.end());
  // They stray, and by little: a wrong optimiser or objective of the restated search would show in
  // the first digits.
  EXPECT_GT(largest, 0);
  EXPECT_LT(largest, 1e-2);  // tolerance: rounding of some 1e-7, grown over eight updates
  EXPECT_LE(curves->engine, 2 * largest);
  // The search moves.
  EXPECT_NE(curves->exact_losses.front(), curves->exact_losses.back());
}

}  // namespace
}  // namespace ssnas
