#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/engine/check_block.h"
#include "ssnas/engine/fused/block_memory.h"
#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;
std::vector<float> SpreadOf(const std::vector<float>& values) {
  const int64_t channels = static_cast<int64_t>(values.size());
  std::vector<float> spread(SpreadSize(channels));
  Spread(values.data(), channels, spread.data());
  return spread;
}

}  // namespace

absl::Status FusedBlock::Forward(const ForwardArgs<float>& args, View4<float> output) {
  Release();
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, CheckForward(plan_, args, output));
  output_ = output;
  Begin(args, shapes);
  absl::Status status = TakeStates(args);
  if (status.ok()) status = RunForward(ForwardSchedule(program(), Options()));
  if (status.ok() && resources_->record != nullptr && kept_ != kNoGradients) RecordDecisions();
  weights_ = nullptr;
  running_statistics_ = nullptr;
  if (!status.ok() || kept_ == kNoGradients) Release();
  return status;
}

void FusedBlock::Begin(const ForwardArgs<float>& args, const std::vector<Shape4>& shapes) {
  const Program* needed = args.norm == NormMode::kRunning ? &own_program_ : &shared_program_;
  if (needed != program_ || shapes != shapes_) {
    // Most steps are of one size.
    program_ = needed;
    shapes_ = shapes;
    layout_ = MakeLayout(program(), shapes_);
  }
  kept_ = args.gradients;
  norm_ = args.norm;
  weights_ = args.weights;
  running_statistics_ = args.running_statistics;
  values_ = std::vector<ValueState>(program().values.size());
  pads_ = std::vector<BufferPool::Buffer>(program().pads.size());
  edges_ = std::vector<EdgeState>(program().edges.size());
  readers_.assign(program().values.size(), {});
  int64_t mixtures = 0;
  for (size_t e = 0; e < edges_.size(); ++e) {
    const EdgeSteps& edge = program().edges[e];
    edges_[e].terms.resize(edge.terms.size());
    edges_[e].first = e == 0 || program().edges[e - 1].node != edge.node;
    edges_[e].last = e + 1 == edges_.size() || program().edges[e + 1].node != edge.node;
    for (size_t t = 0; t < edge.terms.size(); ++t) {
      mixtures = std::max(mixtures, edge.terms[t].mixture + 1);
      readers_[edge.terms[t].value].push_back({static_cast<int>(e), static_cast<int>(t)});
    }
  }
  mixture_.assign(args.mixture, args.mixture + mixtures);
  drop_path_.clear();
  if (args.drop_path != nullptr) {
    drop_path_.assign(args.drop_path, args.drop_path + plan_.EdgeCount() * layout_.images);
  }
  PrepareTables();
  if (norm_ != NormMode::kRunning) return;
  for (size_t i = 0; i < values_.size(); ++i) {
    if (program().values[i].norm.has_value()) UseRunningNorm(static_cast<int>(i));
  }
}

ScheduleOptions FusedBlock::Options() const {
  ScheduleOptions options = OptionsFor(program(), layout_, resources_->recompute);
  options.keep = kept_ != kNoGradients;
  options.barriers = norm_ != NormMode::kRunning;
  return options;
}

void FusedBlock::PrepareTables() {
  tables_.resize(program().values.size());
  std::vector<std::pair<int, int>> convs;
  for (size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].resize(program().values[i].convs.size());
    for (size_t c = 0; c < tables_[i].size(); ++c) convs.emplace_back(i, c);
  }
  resources_->parallel_for(static_cast<int64_t>(convs.size()), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const auto [value, conv] = convs[i];
      tables_[value][conv] = MakeTables(program().values[value].convs[conv], weights_,
                                        kept_ != kNoGradients, resources_->pointwise);
    }
  });
}

absl::Status FusedBlock::TakeStates(const ForwardArgs<float>& args) {
  for (int i = 0; i < program().states; ++i) {
    if (i < program().inputs) {
      values_[i].data = args.inputs[i].data;
    } else {
      SSNAS_RETURN_IF_ERROR(TakeBuffer({BufferKind::kValue, i}));
    }
  }
  // Cells show their nodes alone.
  const int inputs = program().inputs;
  if (std::any_of(program().concat.begin(), program().concat.end(),
                  [&](int state) { return state < inputs; })) {
    ForImages([&](const Place& place) {
      for (int i = 0; i < inputs; ++i) ShowState(i, place.image);
    });
  }
  return absl::OkStatus();
}

absl::Status FusedBlock::RunForward(const Schedule& schedule) {
  for (const Region& region : schedule.regions) {
    for (const BufferUse& use : region.begins) SSNAS_RETURN_IF_ERROR(TakeBuffer(use));
    for (const Op& op : region.ops) {
      if (op.kind == OpKind::kTerms) PrepareTerms(op.index);
    }
    for (const int index : region.finished) {
      values_[index].item_centers.resize(layout_.items * shape(index).spread);
      values_[index].item_sums.assign(layout_.items * 2 * shape(index).spread, 0.0);
    }
    SSNAS_RETURN_IF_ERROR(ComputeModules(region));
    ForImages([&](const Place& place) {
      for (const Op& op : region.ops) {
        ForwardOp(op, place);
        place.scratch.Reset();
      }
    });
    for (const int index : region.finished) FinishNorm(index);
    for (const BufferUse& use : region.ends) {
      const bool keep = kept_ != kNoGradients && use.kind == BufferKind::kValue &&
                        IsKept(program().values[use.index], resources_->recompute);
      if (!keep) GiveBuffer(use);
    }
  }
  return absl::OkStatus();
}

void FusedBlock::ForwardOp(const Op& op, const Place& place) {
  switch (op.kind) {
    case OpKind::kPad:
      return MakeSharedPad(op.index, place);
    case OpKind::kValue:
      return ComputeValue(
          op.index, place,
          norm_ != NormMode::kRunning && program().values[op.index].norm.has_value());
    default:
      return AddTerms(op.index, place);
  }
}

void FusedBlock::AddMoments(int index, const Place& place, const float* z, int64_t count,
                            bool first) {
  ValueState& value = values_[index];
  const int64_t spread = shape(index).spread;
  float* center = value.item_centers.data() + place.item * spread;
  // The first pixel's channels are near enough to the mean for the sums not to cancel.
  if (first) Spread(z, shape(index).channels, center);
  Moments(z, center, spread, count, value.item_sums.data() + place.item * 2 * spread);
}

// Merges the items' means and squared distances (Chan, Golub and LeVeque).
void FusedBlock::FinishNorm(int index) {
  ValueState& value = values_[index];
  const ValueLayout& y = shape(index);
  std::vector<double> mean(y.channels, 0.0), squares(y.channels, 0.0);
  double total = 0;
  for (int64_t item = 0; item < layout_.items; ++item) {
    std::vector<double> sum(y.channels, 0.0), square(y.channels, 0.0);
    const double* sums = value.item_sums.data() + item * 2 * y.spread;
    Fold(sums, y.channels, sum.data());
    Fold(sums + y.spread, y.channels, square.data());
    const double count =
        static_cast<double>((layout_.last_image(item) - layout_.first_image(item)) * y.pixels());
    for (int64_t c = 0; c < y.channels; ++c) {
      const double own = value.item_centers[item * y.spread + c] + sum[c] / count;
      const double distance = own - mean[c];
      mean[c] += distance * count / (total + count);
      squares[c] += square[c] - sum[c] * sum[c] / count +
                    distance * distance * total * count / (total + count);
    }
    total += count;
  }
  // Freed, not just emptied.
  std::vector<float>().swap(value.item_centers);
  std::vector<double>().swap(value.item_sums);
  std::vector<double> variance(y.channels);
  for (int64_t c = 0; c < y.channels; ++c) variance[c] = std::max(0.0, squares[c]) / total;
  if (norm_ == NormMode::kBatchAndUpdate && running_statistics_ != nullptr) {
    for (const NormPlan::Running& running : program().values[index].norm->running) {
      for (int64_t c = 0; c < y.channels; ++c) {
        const auto move = [&](int64_t offset, double to) {
          float& from = running_statistics_[offset + c];
          from = static_cast<float>((1 - kMomentum) * from + kMomentum * to);
        };
        move(running.mean, mean[c]);
        move(running.variance, variance[c] * total / (total - 1));
      }
    }
  }
  value.mean = std::move(mean);
  SetFace(index, variance);
}

void FusedBlock::UseRunningNorm(int index) {
  const NormPlan::Running& running = program().values[index].norm->running[0];
  const int64_t channels = shape(index).channels;
  const float* mean = running_statistics_ + running.mean;
  const float* variance = running_statistics_ + running.variance;
  values_[index].mean.assign(mean, mean + channels);
  SetFace(index, std::vector<double>(variance, variance + channels));
}

void FusedBlock::SetFace(int index, const std::vector<double>& variance) {
  ValueState& value = values_[index];
  const NormPlan& norm = *program().values[index].norm;
  const int64_t channels = shape(index).channels;
  std::vector<float> scale(channels), shift(channels), center(channels);
  value.inverse_deviation.resize(channels);
  value.bias.assign(channels, 0.0);
  for (int64_t c = 0; c < channels; ++c) {
    value.inverse_deviation[c] = 1 / std::sqrt(variance[c] + kEpsilon);
    double gain = value.inverse_deviation[c];
    if (norm.scale >= 0) {
      gain *= weights_[norm.scale + c];
      value.bias[c] = weights_[norm.bias + c];
    }
    scale[c] = static_cast<float>(gain);
    shift[c] = static_cast<float>(value.bias[c] - gain * value.mean[c]);
    center[c] = static_cast<float>(value.mean[c]);
  }
  value.scale = SpreadOf(scale);
  value.shift = SpreadOf(shift);
  value.center = SpreadOf(center);
}

void FusedBlock::PrepareTerms(int e) {
  const EdgeSteps& edge = program().edges[e];
  const int64_t spread = shape(edge.node).spread;
  edges_[e].constant.assign(spread, 0.0F);
  for (size_t t = 0; t < edge.terms.size(); ++t) {
    TermState& term = edges_[e].terms[t];
    const ValueState& value = values_[edge.terms[t].value];
    if (edge.terms[t].mixture >= 0) term.weight = mixture_[edge.terms[t].mixture];
    term.factor.assign(spread, term.weight);
    if (value.scale.empty()) continue;
    for (int64_t i = 0; i < spread; ++i) {
      term.factor[i] *= value.scale[i];
      edges_[e].constant[i] += term.weight * value.shift[i];
    }
  }
}

// node (+)= drop · Σ_t (factor_t · z_t + constant).
void FusedBlock::AddTerms(int e, const Place& place) {
  const EdgeSteps& edge = program().edges[e];
  const EdgeState& state = edges_[e];
  const ValueLayout& node = shape(edge.node);
  float* out = MutableImage(edge.node, place.image);
  if (edge.terms.empty() && state.first) std::fill_n(out, node.image(), 0.0F);
  const float drop = DropScale(edge, place.image);
  const auto scaled = [&](const std::vector<float>& factors) {
    if (drop == 1.0F) return factors.data();
    float* copy = place.scratch.Take(node.spread);
    std::transform(factors.begin(), factors.end(), copy, [&](float f) { return f * drop; });
    return static_cast<const float*>(copy);
  };
  for (size_t first = 0; first < edge.terms.size(); first += kMaxTerms) {
    Term terms[kMaxTerms];
    const int count = static_cast<int>(std::min<size_t>(kMaxTerms, edge.terms.size() - first));
    for (int t = 0; t < count; ++t) {
      terms[t] = {Image(edge.terms[first + t].value, place.image),
                  scaled(state.terms[first + t].factor)};
    }
    LinearSum(terms, count, first == 0 ? scaled(state.constant) : nullptr,
              first > 0 || !state.first, node.spread, node.image(), out);
  }
  if (state.last) ShowState(edge.node, place.image);
}

void FusedBlock::ShowState(int state, int64_t image) {
  const Shape4& output = output_.shape;
  float* to = output_.data + image * output.h * output.w * output.c;
  for (const int part : program().concat) {
    const ValueLayout& x = shape(part);
    if (part == state) {
      CopyPixels({Image(state, image), x.channels}, x.pixels(), x.channels, to, output.c);
    }
    to += x.channels;
  }
}

void FusedBlock::ForImages(const std::function<void(const Place&)>& body) {
  resources_->parallel_for(layout_.items, [&](int64_t first, int64_t last) {
    ScratchPool::Lease lease(&resources_->scratch);
    for (int64_t item = first; item < last; ++item) {
      for (int64_t n = layout_.first_image(item); n < layout_.last_image(item); ++n) {
        body({n, item, *lease});
      }
    }
  });
}

BufferPool::Buffer& FusedBlock::BufferOf(const BufferUse& use) {
  switch (use.kind) {
    case BufferKind::kValue:
      return values_[use.index].memory;
    case BufferKind::kPad:
      return pads_[use.index];
    default:
      return values_[use.index].gradient_memory;
  }
}

absl::Status FusedBlock::TakeBuffer(const BufferUse& use) {
  BufferPool::Buffer& buffer = BufferOf(use);
  SSNAS_ASSIGN_OR_RETURN(buffer, resources_->buffers.Take(BufferFloats(layout_, use)));
  if (use.kind == BufferKind::kValue) values_[use.index].data = buffer.data();
  if (use.kind == BufferKind::kGradient) values_[use.index].gradient = buffer.data();
  return absl::OkStatus();
}

void FusedBlock::GiveBuffer(const BufferUse& use) {
  resources_->buffers.Give(std::exchange(BufferOf(use), {}));
}

void FusedBlock::Release() {
  for (const ValueState& value : values_) {
    resources_->buffers.Give(value.memory);
    resources_->buffers.Give(value.gradient_memory);
  }
  for (const BufferPool::Buffer& pad : pads_) resources_->buffers.Give(pad);
  for (const BufferPool::Buffer& sums : weight_sums_) resources_->buffers.Give(sums);
  values_.clear();
  pads_.clear();
  weight_sums_.clear();
  edges_.clear();
  tables_.clear();
  kept_ = kNoGradients;
}

}  // namespace ssnas::fused
