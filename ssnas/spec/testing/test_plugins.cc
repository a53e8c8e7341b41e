// Plugins of all four kinds that do nothing: the tests' messages do not change when a real one is
// added.
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/registry.h"
#include "ssnas/spec/testing/test_plugins.pb.h"

namespace ssnas {

struct TestDataset {
  static constexpr char kKind[] = "dataset";
};
struct TestObjective {
  static constexpr char kKind[] = "objective";
};
struct TestAugmentation {
  static constexpr char kKind[] = "augmentation";
};
struct TestOperation {
  static constexpr char kKind[] = "operation";
};
SSNAS_DECLARE_PLUGIN_KIND(TestDataset);
SSNAS_DECLARE_PLUGIN_KIND(TestObjective);
SSNAS_DECLARE_PLUGIN_KIND(TestAugmentation);
SSNAS_DECLARE_PLUGIN_KIND(TestOperation);
SSNAS_DEFINE_PLUGIN_KIND(TestDataset)
SSNAS_DEFINE_PLUGIN_KIND(TestObjective)
SSNAS_DEFINE_PLUGIN_KIND(TestAugmentation)
SSNAS_DEFINE_PLUGIN_KIND(TestOperation)

namespace {

template <typename Interface, typename Config>
absl::StatusOr<std::unique_ptr<Interface>> Make(const Config&) {
  return std::make_unique<Interface>();
}

absl::StatusOr<std::unique_ptr<TestOperation>> MakeConv(const TestConvConfig& config) {
  if (config.kernel() % 2 == 1) return std::make_unique<TestOperation>();
  return absl::InvalidArgumentError(absl::StrCat("kernel must be odd; got ", config.kernel()));
}

absl::StatusOr<std::unique_ptr<TestAugmentation>> MakeWobble(const TestWobbleConfig& config) {
  if (config.limits().low() <= config.limits().high()) return std::make_unique<TestAugmentation>();
  return absl::InvalidArgumentError("limits are upside down");
}

}  // namespace

SSNAS_REGISTER(TestDataset, TestDatasetConfig, (Make<TestDataset, TestDatasetConfig>), "pictures",
               "folder: \"here\"", "Pictures of a folder");
SSNAS_REGISTER(TestDataset, TestDatasetConfig, (Make<TestDataset, TestDatasetConfig>), "bare", "",
               "The same, without a folder of its own");
SSNAS_REGISTER(TestObjective, TestLossConfig, (Make<TestObjective, TestLossConfig>), "contrast", "",
               "Contrast of views");
SSNAS_REGISTER(TestObjective, TestEmptyConfig, (Make<TestObjective, TestEmptyConfig>), "nothing",
               "", "Always 0");
SSNAS_REGISTER(TestAugmentation, TestWobbleConfig, MakeWobble, "wobble", "mean: 1 mean: 2",
               "Wobbles");
SSNAS_REGISTER(TestAugmentation, TestWobbleConfig, MakeWobble, "strict_wobble", "",
               "Wobbles about a mean that must be given");
SSNAS_REGISTER(TestAugmentation, TestEmptyConfig, (Make<TestAugmentation, TestEmptyConfig>), "flip",
               "", "Flips");
SSNAS_REGISTER(TestOperation, TestConvConfig, MakeConv, "conv_3x3", "kernel: 3", "Convolution 3×3");
SSNAS_REGISTER(TestOperation, TestConvConfig, MakeConv, "conv_5x5", "kernel: 5", "Convolution 5×5");
SSNAS_REGISTER(TestOperation, TestEmptyConfig, (Make<TestOperation, TestEmptyConfig>), "none", "",
               "Zero");

}  // namespace ssnas
