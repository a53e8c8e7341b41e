#include "ssnas/ops/nn_module.h"

#include <ATen/core/grad_mode.h>

#include <exception>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ssnas {
namespace {

enum class BufferRole { kMean, kVariance, kConstant };

BufferRole RoleOf(const std::string& name) {
  if (absl::EndsWith(name, "running_mean")) return BufferRole::kMean;
  if (absl::EndsWith(name, "running_var")) return BufferRole::kVariance;
  return BufferRole::kConstant;
}

ParameterSpec SpecOf(const std::string& name, const at::Tensor& tensor) {
  ParameterSpec spec{.name = name, .shape = tensor.sizes().vec()};
  if (tensor.dim() >= 2) {
    spec.init = Init::kUniformFanIn;
    spec.fan_in = tensor.numel() / tensor.size(0);
  } else {
    spec.init = absl::EndsWith(name, "bias") ? Init::kZeros : Init::kOnes;
  }
  return spec;
}

}  // namespace

absl::Status NnModule::Inspect() {
  try {
    const std::shared_ptr<torch::nn::Module> net = Make();
    for (const auto& parameter : net->named_parameters()) {
      parameters_.push_back(SpecOf(parameter.key(), parameter.value()));
    }
    for (const auto& buffer : net->named_buffers()) {
      const BufferRole role = RoleOf(buffer.key());
      if (role == BufferRole::kConstant) continue;
      statistics_.push_back({.name = buffer.key(),
                             .shape = buffer.value().sizes().vec(),
                             .init = role == BufferRole::kMean ? Init::kZeros : Init::kOnes});
    }
  } catch (const c10::Error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("libtorch cannot make the module: ", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot make the module: ", error.what()));
  }
  return absl::OkStatus();
}

at::Tensor NnModule::Forward(const at::Tensor& x, bool training, Tensors* tensors) const {
  const std::shared_ptr<torch::nn::Module> net = Make();
  net->train(training);
  {
    const at::NoGradGuard no_grad;
    size_t next = 0;
    for (auto& parameter : net->named_parameters()) {
      at::Tensor& kept = tensors->parameters[next++];
      at::Tensor own = parameter.value();
      own.set_data(kept.detach());
      own.requires_grad_(kept.requires_grad());
      kept = own;
    }
    next = 0;
    for (auto& buffer : net->named_buffers()) {
      at::Tensor own = buffer.value();
      if (RoleOf(buffer.key()) != BufferRole::kConstant) {
        own.set_data(tensors->statistics[next++]);
      } else if (own.is_floating_point()) {
        own.set_data(own.to(x.scalar_type()));
      }
    }
  }
  return Call(*net, x);
}

}  // namespace ssnas
