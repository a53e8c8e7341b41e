#include "ssnas/export/export_network.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/export/example_images.h"
#include "ssnas/export/torch_module.h"
#include "ssnas/training/model.h"
#include "ssnas/training/network_stage.h"

namespace ssnas {
namespace {

constexpr char kModelFile[] = "model.safetensors";

// The objective's part of the model's layout.
std::vector<ParameterSpec> HeadOf(const Model& model) {
  const auto& all = model.layout().specs();
  return {all.begin() + static_cast<std::ptrdiff_t>(model.network().weights().specs().size()),
          all.end()};
}

absl::Status Export(const RunContext& context, const std::string& tensors_path, Model& model) {
  const std::string& top = context.folder->path();
  SSNAS_ASSIGN_OR_RETURN(const TensorFile tensors, ReadSafetensors(tensors_path));
  SSNAS_RETURN_IF_ERROR(model.FromTensors(tensors));
  const absl::StatusOr<std::string> python = TorchModule(model.network().plan(), HeadOf(model));
  if (!python.ok() && !absl::IsUnimplemented(python.status())) return python.status();
  SSNAS_ASSIGN_OR_RETURN(const auto rule, PreprocessRule(context));
  SSNAS_ASSIGN_OR_RETURN(const TensorFile example, ExampleTensors(context, model));
  SSNAS_RETURN_IF_ERROR(WriteSafetensors(JoinPath(top, kModelFile), tensors));
  if (python.ok()) {
    SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(top, "model.py"), *python));
  } else {
    std::fprintf(context.progress.out, "no model.py: %s\n",
                 std::string(python.status().message()).c_str());
  }
  SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(top, "preprocess.json"), rule.dump(1) + "\n"));
  return WriteSafetensors(JoinPath(top, "example.safetensors"), example);
}

}  // namespace

absl::Status ExportFoundNetwork(const RunContext& context, const StageResults& results) {
  for (const bool evaluated : {true, false}) {
    const std::string stage = evaluated ? "evaluate/found" : "pretrain/found";
    if (results.count(stage) == 0) continue;
    SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ArchitectureOf(results, "found"));
    SSNAS_ASSIGN_OR_RETURN(
        const std::unique_ptr<Model> model,
        evaluated ? MakeEvaluateModel(context, cell) : MakePretrainModel(context, cell));
    return Export(context, JoinPath(JoinPath(context.folder->path(), stage), kModelFile), *model);
  }
  return absl::OkStatus();
}

}  // namespace ssnas
