#include "ssnas/engine/fused/fused_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/fused/bf16_kernels.h"
#include "ssnas/engine/fused/block_memory.h"
#include "ssnas/engine/fused/fused_block.h"
#include "ssnas/engine/fused/layout.h"
#include "ssnas/engine/fused/program.h"

namespace ssnas {
namespace {

class FusedEngine : public Engine<float> {
 public:
  explicit FusedEngine(FusedEngineOptions options)
      : resources_(std::make_shared<fused::Resources>()), modules_(std::move(options.modules)) {
    resources_->parallel_for = std::move(options.parallel_for);
    resources_->recompute = options.record ? Recompute::kNothing : options.recompute;
    CHECK(options.pointwise == Pointwise::kFloat32 || fused::HasBf16());
    resources_->pointwise = options.pointwise;
    resources_->record = options.record;
  }

  // Options are named where they are not the usual ones.
  std::string name() const override {
    std::string name = "fused";
    if (resources_->recompute != kDefaultRecompute) {
      absl::StrAppend(&name, ", recompute ", RecomputeName(resources_->recompute));
    }
    if (resources_->pointwise != Pointwise::kFloat32) {
      absl::StrAppend(&name, ", ", PointwiseName(resources_->pointwise), " pointwise");
    }
    return name;
  }

  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    ParameterLayout weights, running_statistics;
    plan.AddParameters(&weights, &running_statistics);
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, plan.Shapes(inputs));
    SSNAS_ASSIGN_OR_RETURN(const fused::Program program,
                           fused::Lower(plan, weights, running_statistics, true));
    const fused::Layout layout = fused::MakeLayout(program, shapes);
    BlockMemory memory = fused::CountMemory(program, layout, resources_->recompute);
    for (const fused::ValuePlan& value : program.values) {
      if (value.kind != fused::ValueKind::kModule) continue;
      const fused::ValueLayout& x = layout.values[value.inputs[0].value];
      SSNAS_ASSIGN_OR_RETURN(const BlockMemory own,
                             ModuleMemory(program.modules[value.module],
                                          {layout.images, x.height, x.width, x.channels}));
      memory.kept += own.kept;
      memory.passing += own.passing;
    }
    return memory;
  }

  absl::StatusOr<std::unique_ptr<Block<float>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override {
    SSNAS_ASSIGN_OR_RETURN(fused::Program shared,
                           fused::Lower(plan, weights, running_statistics, true));
    SSNAS_ASSIGN_OR_RETURN(fused::Program own,
                           fused::Lower(plan, weights, running_statistics, false));
    std::vector<std::unique_ptr<Block<float>>> modules;
    for (const BlockPlan& module : shared.modules) {
      SSNAS_RETURN_IF_ERROR(CheckModules(module));
      SSNAS_ASSIGN_OR_RETURN(modules.emplace_back(),
                             modules_->Build(module, weights, running_statistics));
    }
    return std::unique_ptr<Block<float>>(new fused::FusedBlock(
        plan, std::move(shared), std::move(own), std::move(modules), resources_));
  }

 private:
  absl::Status CheckModules(const BlockPlan& module) const {
    if (modules_ != nullptr) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "block '", module.name, "' has a module, '", module.nodes[0].edges[0].candidates[0].name,
        "', and this engine has none that runs modules (FusedEngineOptions)"));
  }

  absl::StatusOr<BlockMemory> ModuleMemory(const BlockPlan& module, const Shape4& input) const {
    SSNAS_RETURN_IF_ERROR(CheckModules(module));
    return modules_->Memory(module, {input});
  }

  const std::shared_ptr<fused::Resources> resources_;
  const std::shared_ptr<Engine<float>> modules_;
};

}  // namespace

std::unique_ptr<Engine<float>> MakeFusedEngine(FusedEngineOptions options) {
  return std::make_unique<FusedEngine>(std::move(options));
}

}  // namespace ssnas
