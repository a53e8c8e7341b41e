#include "ssnas/engine/fused/fused_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/fused/block_memory.h"
#include "ssnas/engine/fused/fused_block.h"
#include "ssnas/engine/fused/layout.h"
#include "ssnas/engine/fused/program.h"

namespace ssnas {
namespace {

class FusedEngine : public Engine<float> {
 public:
  explicit FusedEngine(FusedEngineOptions options)
      : resources_(std::make_shared<fused::Resources>()) {
    resources_->parallel_for = std::move(options.parallel_for);
    resources_->recompute = options.record ? Recompute::kNothing : options.recompute;
    resources_->record = options.record;
  }

  // The level is named where it is not the usual one.
  std::string name() const override {
    return resources_->recompute == Recompute::kAll
               ? "fused"
               : absl::StrCat("fused, recompute ", RecomputeName(resources_->recompute));
  }

  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    ParameterLayout weights, running_statistics;
    plan.AddParameters(&weights, &running_statistics);
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, plan.Shapes(inputs));
    SSNAS_ASSIGN_OR_RETURN(const fused::Program program,
                           fused::Lower(plan, weights, running_statistics, true));
    return fused::CountMemory(program, fused::MakeLayout(program, shapes), resources_->recompute);
  }

  absl::StatusOr<std::unique_ptr<Block<float>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override {
    SSNAS_ASSIGN_OR_RETURN(fused::Program shared,
                           fused::Lower(plan, weights, running_statistics, true));
    SSNAS_ASSIGN_OR_RETURN(fused::Program own,
                           fused::Lower(plan, weights, running_statistics, false));
    return std::unique_ptr<Block<float>>(
        new fused::FusedBlock(plan, std::move(shared), std::move(own), resources_));
  }

 private:
  const std::shared_ptr<fused::Resources> resources_;
};

}  // namespace

std::unique_ptr<Engine<float>> MakeFusedEngine(FusedEngineOptions options) {
  return std::make_unique<FusedEngine>(std::move(options));
}

}  // namespace ssnas
