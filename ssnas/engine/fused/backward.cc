#include <algorithm>
#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/engine/check_block.h"
#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {

absl::Status FusedBlock::Backward(const BackwardArgs<float>& args) {
  SSNAS_RETURN_IF_ERROR(CheckBackward(plan_, kept_, output_.shape, args));
  args_ = &args;
  const std::vector<bool> wanted = Wanted(args);
  for (size_t i = 0; i < values_.size(); ++i) values_[i].wanted = wanted[i];
  const absl::Status status =
      RunBackward(BackwardSchedule(program(), Options(), wanted, wants(kAlphaGradients)));
  if (status.ok() && wants(kAlphaGradients)) FinishAlphas();
  args_ = nullptr;
  Release();
  return status;
}

// What has something to learn at or below it.
std::vector<bool> FusedBlock::Wanted(const BackwardArgs<float>& args) const {
  std::vector<bool> wanted(values_.size(), false);
  for (int i = 0; i < program().inputs; ++i) {
    wanted[i] = wants(kInputGradients) && args.input_gradients[i].data != nullptr;
  }
  for (const EdgeSteps& edge : program().edges) {
    for (const StepPlan& step : edge.steps) {
      if (step.pad) continue;
      const ValuePlan& value = program().values[step.index];
      bool any =
          wants(kWeightGradients) && (!value.convs.empty() || value.kind == ValueKind::kModule ||
                                      (value.norm.has_value() && value.norm->scale >= 0));
      for (const ConvPlan& conv : value.convs) {
        any = any || wanted[program().pads[conv.pad].input.value];
      }
      for (const Activation& x : value.inputs) any = any || (!value.zero && wanted[x.value]);
      wanted[step.index] = any;
    }
    for (const TermPlan& term : edge.terms) {
      if (wanted[term.value] || (wants(kAlphaGradients) && term.mixture >= 0)) {
        wanted[edge.node] = true;
      }
    }
  }
  return wanted;
}

absl::Status FusedBlock::RunBackward(const Schedule& schedule) {
  for (int i = 0; i < program().inputs; ++i) {
    if (values_[i].wanted) values_[i].gradient = args_->input_gradients[i].data;
  }
  ForImages([&](const Place& place) {
    for (int i = 0; i < program().inputs; ++i) {
      if (!values_[i].wanted) continue;
      const bool begins = args_->Begins(i);
      const bool shown = AddOutputGradient(i, place.image, !begins);
      if (begins && !shown) std::fill_n(GradientImage(i, place.image), shape(i).image(), 0.0F);
    }
  });
  for (const Region& region : schedule.regions) {
    SSNAS_RETURN_IF_ERROR(BeginRegion(region));
    SSNAS_RETURN_IF_ERROR(ModuleGradients(region));
    ForImages([&](const Place& place) {
      for (size_t i = 0; i < region.ops.size(); ++i) {
        const Op& op = region.ops[i];
        switch (op.kind) {
          case OpKind::kTerms:
            break;  // forward only
          case OpKind::kPad:
            MakeSharedPad(op.index, place);
            break;
          case OpKind::kValue:
            ComputeValue(op.index, place, /*statistics=*/false);
            break;
          case OpKind::kStartGradient:
            StartGradient(op.index, place.image);
            break;
          case OpKind::kTermsGradient:
            TermsGradient(op.index, place);
            break;
          case OpKind::kPadGradient:
            PadGradient(op, place, weight_sums_[i].data());
            break;
          case OpKind::kValueGradient:
            ValueGradient(op.index, place);
            break;
        }
        place.scratch.Reset();
      }
    });
    EndRegion(region);
  }
  return absl::OkStatus();
}

absl::Status FusedBlock::BeginRegion(const Region& region) {
  for (const BufferUse& use : region.begins) SSNAS_RETURN_IF_ERROR(TakeBuffer(use));
  for (const int index : region.finished) {
    if (program().values[index].gradient != GradientKind::kGated) continue;
    values_[index].gradient_sums.assign(layout_.items * 2 * shape(index).spread, 0.0);
  }
  weight_sums_.resize(region.ops.size());
  for (size_t i = 0; i < region.ops.size(); ++i) {
    const Op& op = region.ops[i];
    if (op.kind == OpKind::kTermsGradient) {
      const int64_t size = layout_.items * shape(program().edges[op.index].node).spread;
      edges_[op.index].sums.assign(size, 0.0);
      for (TermState& term : edges_[op.index].terms) term.products.assign(size, 0.0);
    }
    if (op.kind != OpKind::kPadGradient || !wants(kWeightGradients)) continue;
    const int64_t size = layout_.items * WeightSums(op);
    SSNAS_ASSIGN_OR_RETURN(weight_sums_[i], resources_->buffers.Take(std::max<int64_t>(size, 1)));
  }
  return absl::OkStatus();
}

void FusedBlock::EndRegion(const Region& region) {
  if (wants(kWeightGradients)) AddConvGradients(region);
  for (BufferPool::Buffer& sums : weight_sums_) resources_->buffers.Give(std::exchange(sums, {}));
  for (const int index : region.finished) FinishGradient(index);
  for (const BufferUse& use : region.ends) GiveBuffer(use);
}

int64_t FusedBlock::WeightSums(const Op& op) const {
  int64_t size = 0;
  ForPadReaders(op, [&](int value, int c) {
    const ConvPlan& conv = program().values[value].convs[c];
    size += FilterSums(conv) + MatrixSums(conv);
  });
  return size;
}

void FusedBlock::AddConvGradients(const Region& region) {
  struct Work {
    const ConvPlan* conv;
    const float* sums;
    int64_t stride;
  };
  std::vector<Work> work;
  for (size_t i = 0; i < region.ops.size(); ++i) {
    if (region.ops[i].kind != OpKind::kPadGradient) continue;
    const int64_t stride = WeightSums(region.ops[i]);
    const float* sums = weight_sums_[i].data();
    ForPadReaders(region.ops[i], [&](int value, int c) {
      const ConvPlan& conv = program().values[value].convs[c];
      work.push_back({&conv, sums, stride});
      sums += FilterSums(conv) + MatrixSums(conv);
    });
  }
  resources_->parallel_for(static_cast<int64_t>(work.size()), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      AddWeightGradients(*work[i].conv, work[i].sums, layout_.items, work[i].stride,
                         args_->weight_gradients);
    }
  });
}

void FusedBlock::StartGradient(int value, int64_t image) {
  if (value < program().inputs) return;  // The caller's, and its output's share is in it.
  const bool shown = value < program().states && AddOutputGradient(value, image, false);
  if (!shown) std::fill_n(GradientImage(value, image), shape(value).image(), 0.0F);
}

bool FusedBlock::AddOutputGradient(int state, int64_t image, bool accumulate) {
  const Shape4& output = args_->output_gradient.shape;
  const float* from = args_->output_gradient.data + image * output.h * output.w * output.c;
  const ValueLayout& x = shape(state);
  float* to = GradientImage(state, image);
  bool any = false;
  for (const int part : program().concat) {
    if (part == state) {
      const auto take = accumulate || any ? AddPixels : CopyPixels;
      take({from, output.c}, x.pixels(), x.channels, to, x.channels);
      any = true;
    }
    from += shape(part).channels;
  }
  return any;
}

// Of every term: its sums for the norm behind it and for the mixture weight; where its value's
// gradient is stored, its share of it.
void FusedBlock::TermsGradient(int e, const Place& place) {
  const EdgeSteps& edge = program().edges[e];
  EdgeState& state = edges_[e];
  const ValueLayout& node = shape(edge.node);
  const float* g = GradientImage(edge.node, place.image);
  const float drop = DropScale(edge, place.image);
  const size_t count = edge.terms.size();
  std::vector<double> sums((count + 1) * node.spread, 0.0);
  std::vector<bool> summed(count);
  for (size_t t = 0; t < count; ++t) {
    const bool alpha = wants(kAlphaGradients) && edge.terms[t].mixture >= 0;
    const int value = edge.terms[t].value;
    summed[t] = alpha || (values_[value].wanted && program().values[value].norm.has_value());
  }
  for (int64_t row = 0; row < node.height; row += node.tile_rows) {
    const int64_t offset = row * node.row();
    const int64_t size = std::min(node.tile_rows, node.height - row) * node.row();
    ChannelSums(g + offset, node.spread, size, sums.data() + count * node.spread);
    for (size_t t = 0; t < count; ++t) {
      if (!summed[t]) continue;
      const ValueState& value = values_[edge.terms[t].value];
      ChannelProducts(g + offset, Image(edge.terms[t].value, place.image) + offset,
                      value.center.empty() ? nullptr : value.center.data(), node.spread, size,
                      sums.data() + t * node.spread);
    }
  }
  for (size_t t = 0; t <= count; ++t) {
    double* to =
        (t < count ? state.terms[t].products : state.sums).data() + place.item * node.spread;
    for (int64_t i = 0; i < node.spread; ++i) to[i] += drop * sums[t * node.spread + i];
  }
  for (size_t t = 0; t < count; ++t) {
    const int index = edge.terms[t].value;
    if (!values_[index].wanted || program().values[index].gradient == GradientKind::kTerms)
      continue;
    float* factor = place.scratch.Take(node.spread);
    std::fill_n(factor, node.spread, state.terms[t].weight * drop);
    const Term term{g, factor};
    LinearSum(&term, 1, nullptr, /*accumulate=*/true, node.spread, node.image(),
              GradientImage(index, place.image));
  }
}

// From the sums of a norm's gradient to the factors of BeforeNorm, and to its own gradients.
void FusedBlock::FinishGradient(int index) {
  ValueState& value = values_[index];
  const ValueLayout& y = shape(index);
  const NormPlan& norm = *program().values[index].norm;
  std::vector<double> sums(y.channels, 0.0), products(y.channels, 0.0);
  const auto add = [&](const double* spread, double weight, std::vector<double>* to) {
    std::vector<double> folded(y.channels, 0.0);
    Fold(spread, y.channels, folded.data());
    for (int64_t c = 0; c < y.channels; ++c) (*to)[c] += weight * folded[c];
  };
  for (int64_t item = 0; item < layout_.items; ++item) {
    if (program().values[index].gradient == GradientKind::kGated) {
      const double* own = value.gradient_sums.data() + item * 2 * y.spread;
      add(own, 1, &sums);
      add(own + y.spread, 1, &products);
    }
    for (const Reader& reader : readers_[index]) {
      const EdgeState& edge = edges_[reader.edge];
      const TermState& term = edge.terms[reader.term];
      add(edge.sums.data() + item * y.spread, term.weight, &sums);
      add(term.products.data() + item * y.spread, term.weight, &products);
    }
  }
  if (norm.scale >= 0 && wants(kWeightGradients)) {
    for (int64_t c = 0; c < y.channels; ++c) {
      args_->weight_gradients[norm.scale + c] +=
          static_cast<float>(products[c] * value.inverse_deviation[c]);
      args_->weight_gradients[norm.bias + c] += static_cast<float>(sums[c]);
    }
  }
  if (norm_ == NormMode::kRunning) return;
  const double count = static_cast<double>(layout_.images * y.pixels());
  value.z_factor.resize(y.spread);
  value.constant.resize(y.spread);
  for (int64_t i = 0; i < y.spread; ++i) {
    const int64_t c = i % y.channels;
    const double precision = value.inverse_deviation[c] * value.inverse_deviation[c];
    const double factor = -value.scale[i] * precision * products[c] / count;
    value.z_factor[i] = static_cast<float>(factor);
    value.constant[i] =
        static_cast<float>(-value.scale[i] * sums[c] / count - factor * value.mean[c]);
  }
}

// ∂L/∂weight of a term = Σ gradient of the node · face.
void FusedBlock::FinishAlphas() {
  for (size_t e = 0; e < edges_.size(); ++e) {
    const EdgeSteps& edge = program().edges[e];
    const ValueLayout& node = shape(edge.node);
    for (size_t t = 0; t < edge.terms.size(); ++t) {
      if (edge.terms[t].mixture < 0) continue;
      const ValueState& value = values_[edge.terms[t].value];
      std::vector<double> products(node.channels, 0.0), sums(node.channels, 0.0);
      for (int64_t item = 0; item < layout_.items; ++item) {
        Fold(edges_[e].terms[t].products.data() + item * node.spread, node.channels,
             products.data());
        Fold(edges_[e].sums.data() + item * node.spread, node.channels, sums.data());
      }
      double gradient = 0;
      for (int64_t c = 0; c < node.channels; ++c) {
        gradient += value.scale.empty() ? products[c]
                                        : value.scale[c] * products[c] + value.bias[c] * sums[c];
      }
      args_->mixture_gradients[edge.terms[t].mixture] += static_cast<float>(gradient);
    }
  }
}

}  // namespace ssnas::fused
