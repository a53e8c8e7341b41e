// What the ReLUs and max pools of the latest forward pass decided: engine/decisions.h.
#include <cmath>
#include <limits>
#include <utility>

#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {

std::vector<float> FusedBlock::Seen(const Activation& x) const {
  const ValueLayout& y = shape(x.value);
  const ValueState& value = values_[x.value];
  std::vector<float> seen(layout_.images * y.image(), 0.0F);
  for (int64_t n = 0; n < layout_.images; ++n) {
    for (int64_t h = 0; h + x.shift < y.height; ++h) {
      for (int64_t w = 0; w + x.shift < y.width; ++w) {
        for (int64_t c = 0; c < y.channels; ++c) {
          float z = Image(x.value, n)[((h + x.shift) * y.width + w + x.shift) * y.channels + c];
          if (!value.scale.empty()) z = std::fma(z, value.scale[c], value.shift[c]);
          seen[((n * y.height + h) * y.width + w) * y.channels + c] =
              x.relu ? std::max(z, 0.0F) : z;
        }
      }
    }
  }
  return seen;
}

namespace {

// Index of the winning pixel of every window, row by row, the first of equals.
MaxPoolDecision Winners(const std::vector<float>& x, const Shape4& s, const DecisionPlan& pool) {
  const PoolShape shape{s.h, s.w, s.c, pool.kernel, pool.stride, pool.padding};
  MaxPoolDecision decision{{s.n, shape.out_height(), shape.out_width(), s.c}, {}};
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t h = 0; h < decision.shape.h; ++h) {
      for (int64_t w = 0; w < decision.shape.w; ++w) {
        for (int64_t c = 0; c < s.c; ++c) {
          float best = -std::numeric_limits<float>::infinity();
          int64_t winner = 0;
          for (int64_t i = 0; i < int64_t{pool.kernel} * pool.kernel; ++i) {
            const int64_t row = h * pool.stride - pool.padding + i / pool.kernel;
            const int64_t column = w * pool.stride - pool.padding + i % pool.kernel;
            if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
            const float value = x[((n * s.h + row) * s.w + column) * s.c + c];
            if (value > best) best = value, winner = row * s.w + column;
          }
          decision.winners.push_back(static_cast<int32_t>(winner));
        }
      }
    }
  }
  return decision;
}

}  // namespace

void FusedBlock::RecordDecisions() const {
  for (const DecisionPlan& plan : program().decisions) {
    const DecisionKey key{plan_.name, plan.node, plan.edge, plan.candidate, plan.primitive};
    const ValueLayout& x = shape(plan.input.value);
    const Shape4 input{layout_.images, x.height, x.width, x.channels};
    const std::vector<float> seen = Seen(plan.input);
    if (plan.relu) {
      std::vector<uint8_t> passed(seen.size());
      for (size_t i = 0; i < seen.size(); ++i) passed[i] = seen[i] > 0;
      resources_->record->SetRelu(key, input, std::move(passed));
    } else {
      MaxPoolDecision decision = Winners(seen, input, plan);
      resources_->record->SetMaxPool(key, decision.shape, std::move(decision.winners));
    }
  }
}

}  // namespace ssnas::fused
