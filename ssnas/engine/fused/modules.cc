// Values that another engine computes: modules of recipes, one block each.
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {

Shape4 FusedBlock::BatchShape(int value) const {
  return {layout_.images, shape(value).height, shape(value).width, shape(value).channels};
}

absl::Status FusedBlock::ComputeModules(const Region& region) {
  for (const Op& op : region.ops) {
    if (op.kind != OpKind::kValue || program().values[op.index].kind != ValueKind::kModule)
      continue;
    SSNAS_RETURN_IF_ERROR(ComputeModule(op.index));
  }
  return absl::OkStatus();
}

absl::Status FusedBlock::ModuleGradients(const Region& region) {
  for (const Op& op : region.ops) {
    const bool gradient = op.kind == OpKind::kValueGradient;
    if (!gradient || program().values[op.index].kind != ValueKind::kModule) continue;
    SSNAS_RETURN_IF_ERROR(ModuleGradient(op.index));
  }
  return absl::OkStatus();
}

absl::Status FusedBlock::ComputeModule(int index) {
  const ValuePlan& value = program().values[index];
  const int input = value.inputs[0].value;
  ForwardArgs<float> args{.inputs = {{values_[input].data, BatchShape(input)}},
                          .weights = weights_,
                          .running_statistics = running_statistics_,
                          .norm = norm_};
  // Whether anything below it learns is known when Backward is asked.
  if (kept_ != kNoGradients) args.gradients = (kept_ & kWeightGradients) | kInputGradients;
  return modules_[value.module]->Forward(args, {values_[index].memory.data(), BatchShape(index)});
}

absl::Status FusedBlock::ModuleGradient(int index) {
  const ValuePlan& value = program().values[index];
  const int input = value.inputs[0].value;
  BackwardArgs<float> args{.output_gradient = {values_[index].gradient, BatchShape(index)}};
  if (wants(kWeightGradients)) {
    args.gradients |= kWeightGradients;
    args.weight_gradients = args_->weight_gradients;
  }
  if (values_[input].wanted) {
    args.gradients |= kInputGradients;
    args.input_gradients = {{values_[input].gradient, BatchShape(input)}};
  }
  return modules_[value.module]->Backward(args);
}

}  // namespace ssnas::fused
