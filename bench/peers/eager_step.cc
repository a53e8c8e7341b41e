#include "bench/peers/eager_step.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <limits>

namespace ssnas {

void SetEagerThreads(int threads) {
  at::set_num_threads(threads);
  at::set_num_interop_threads(1);
}

at::Tensor EagerImages(const BenchBatch& batch, bool channels_last) {
  const Shape4& s = batch.shape;
  const at::Tensor nhwc =
      at::from_blob(const_cast<float*>(batch.images.data()), {s.n, s.h, s.w, s.c}, at::kFloat);
  return nhwc.permute({0, 3, 1, 2})
      .clone(channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
}

at::Tensor EagerLabels(const BenchBatch& batch) {
  const int64_t count = static_cast<int64_t>(batch.labels.size());
  return at::from_blob(const_cast<int32_t*>(batch.labels.data()), {count}, at::kInt).to(at::kLong);
}

at::Tensor EagerCrossEntropy(const at::Tensor& logits, const at::Tensor& labels) {
  return at::cross_entropy_loss(logits, labels);
}

at::Tensor EagerNtXent(const at::Tensor& projections, double temperature) {
  const int64_t rows = projections.size(0);
  const at::Tensor length = at::linalg_vector_norm(projections, 2, {1}, /*keepdim=*/true);
  const at::Tensor unit = projections / length.clamp_min(1e-8);
  at::Tensor similarity = unit.matmul(unit.t()).div(temperature);
  similarity = similarity.fill_diagonal_(-std::numeric_limits<float>::infinity());
  return at::cross_entropy_loss(similarity,
                                at::arange(rows, at::kLong).add(rows / 2).remainder(rows));
}

void DropGradients(const std::vector<at::Tensor>& parameters) {
  for (const at::Tensor& p : parameters) p.mutable_grad().reset();
}

void ClipGradients(const std::vector<at::Tensor>& parameters, double clip_norm) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& p : parameters) {
    if (p.grad().defined()) norms.push_back(at::linalg_vector_norm(p.grad(), 2));
  }
  const at::Tensor total = at::linalg_vector_norm(at::stack(norms), 2);
  const at::Tensor scale = total.add(1e-6).reciprocal().mul(clip_norm).clamp_max(1.0);
  for (const at::Tensor& p : parameters) {
    if (p.grad().defined()) p.mutable_grad().mul_(scale);
  }
}

void EagerSgd::Step() {
  const at::NoGradGuard no_grad;
  momenta_.resize(parameters_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    const at::Tensor gradient = parameters_[i].grad().add(parameters_[i], 3e-4);
    if (momenta_[i].defined()) {
      momenta_[i].mul_(0.9).add_(gradient);
    } else {
      momenta_[i] = gradient.clone();
    }
    parameters_[i].add_(momenta_[i], -0.025);
  }
}

void EagerAdam::Step() {
  const at::NoGradGuard no_grad;
  constexpr double kBeta1 = 0.5, kBeta2 = 0.999;
  ++steps_;
  m_.resize(parameters_.size());
  v_.resize(parameters_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    const at::Tensor gradient = parameters_[i].grad().add(parameters_[i], 1e-3);
    if (!m_[i].defined()) {
      m_[i] = at::zeros_like(gradient);
      v_[i] = at::zeros_like(gradient);
    }
    m_[i].lerp_(gradient, 1 - kBeta1);
    v_[i].mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double correction1 = 1 - std::pow(kBeta1, steps_);
    const double correction2 = std::sqrt(1 - std::pow(kBeta2, steps_));
    const at::Tensor denominator = v_[i].sqrt().div_(correction2).add_(1e-8);
    parameters_[i].addcdiv_(m_[i], denominator, -3e-4 / correction1);
  }
}

}  // namespace ssnas
