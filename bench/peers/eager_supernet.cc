#include "bench/peers/eager_supernet.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/peers/eager_layers.h"
#include "bench/peers/eager_step.h"

namespace ssnas {
namespace {

constexpr int kNodes = 4, kEdges = 14, kCandidates = 8, kStemMultiplier = 3;
constexpr int kPreprocessed = 2;  // the project numbers a cell's states from its raw inputs
constexpr std::array<const char*, kCandidates> kNames = {
    "none",         "max_pool_3x3", "avg_pool_3x3", "skip_connect",
    "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"};
constexpr int64_t kProjection = 128;
constexpr double kTemperature = 0.5, kClipNorm = 5;

struct MixedEdge {
  std::vector<EagerLayer> candidates;

  at::Tensor operator()(const at::Tensor& x, const at::Tensor& shares) const {
    at::Tensor sum;
    for (int i = 0; i < kCandidates; ++i) {
      const at::Tensor term = shares[i] * candidates[i](x);
      sum = sum.defined() ? sum + term : term;
    }
    return sum;
  }
};

MixedEdge MakeEdge(EagerParameters& parameters, const std::string& prefix, int64_t channels,
                   int stride) {
  MixedEdge edge;
  for (const std::string name : kNames) {
    EagerLayer layer = Candidate(parameters, absl::StrCat(prefix, name, "."), name, channels,
                                 stride, /*affine=*/false);
    if (name.find("pool") != std::string::npos) {
      layer = Sequence({layer, BatchNorm(parameters, absl::StrCat(prefix, name, ".norm"), channels,
                                         /*affine=*/false)});
    }
    edge.candidates.push_back(std::move(layer));
  }
  return edge;
}

struct MixedCell {
  bool reduction = false;
  EagerLayer preprocess0, preprocess1;
  std::vector<MixedEdge> edges;

  at::Tensor operator()(const at::Tensor& s0, const at::Tensor& s1,
                        const at::Tensor& mixture) const {
    std::vector<at::Tensor> states = {preprocess0(s0), preprocess1(s1)};
    int row = 0;
    for (int node = 0; node < kNodes; ++node) {
      at::Tensor sum;
      for (const at::Tensor& state : std::vector<at::Tensor>(states)) {
        const at::Tensor y = edges[row](state, mixture[row]);
        sum = sum.defined() ? sum + y : y;
        ++row;
      }
      states.push_back(sum);
    }
    return at::cat({states[2], states[3], states[4], states[5]}, 1);
  }
};

struct CellChannels {
  int64_t before_last = 0, last = 0, own = 0;
};

MixedCell MakeCell(EagerParameters& parameters, int index, const CellChannels& channels,
                   bool reduction, bool reduction_before) {
  const std::string prefix = absl::StrCat("cells.", index, ".");
  MixedCell cell{.reduction = reduction};
  cell.preprocess0 = Preprocess(parameters, prefix + "edge_0_2.preprocess0.", channels.before_last,
                                channels.own, reduction_before, /*affine=*/false);
  cell.preprocess1 = Preprocess(parameters, prefix + "edge_1_3.preprocess1.", channels.last,
                                channels.own, /*reduce=*/false, /*affine=*/false);
  for (int node = 2; node < 2 + kNodes; ++node) {
    for (int from = 0; from < node; ++from) {
      const std::string edge =
          absl::StrCat(prefix, "edge_", from + kPreprocessed, "_", node + kPreprocessed, ".");
      cell.edges.push_back(MakeEdge(parameters, edge, channels.own, reduction && from < 2 ? 2 : 1));
    }
  }
  return cell;
}

class Supernet : public EagerSupernet {
 public:
  explicit Supernet(const EagerSupernetOptions& options)
      : options_(options), parameters_(options.channels_last, options.seed) {
    const int64_t stem = kStemMultiplier * options.channels;
    stem_ = Sequence({Conv(parameters_, "stem.edge_0_1.cifar.conv",
                           {.in = 3, .out = stem, .kernel = 3, .padding = 1}),
                      BatchNorm(parameters_, "stem.edge_0_1.cifar.norm", stem, /*affine=*/true)});
    MakeCells(stem);
    MakeHead();
    for (at::Tensor& alphas : alphas_) {
      alphas = at::zeros({kEdges, kCandidates}).set_requires_grad(true);
    }
    for (const auto& [name, tensor] : parameters_.all()) weights_.push_back(tensor);
    sgd_ = std::make_unique<EagerSgd>(weights_);
    adam_ = std::make_unique<EagerAdam>(std::vector<at::Tensor>{alphas_[0], alphas_[1]});
  }

  void SetBatches(const BenchBatch& alpha_half, const BenchBatch& weight_half) override {
    alpha_images_ = EagerImages(alpha_half, options_.channels_last);
    weight_images_ = EagerImages(weight_half, options_.channels_last);
    alpha_labels_ = EagerLabels(alpha_half);
    weight_labels_ = EagerLabels(weight_half);
  }

  EagerStep Step() override { return {.alpha = AlphaStep(), .weight = WeightStep()}; }

  void SetAlphas(const std::vector<float>& alphas) override {
    const at::NoGradGuard no_grad;
    for (int kind = 0; kind < 2; ++kind) {
      const float* first = alphas.data() + kind * kEdges * kCandidates;
      alphas_[kind].copy_(
          at::from_blob(const_cast<float*>(first), {kEdges, kCandidates}, at::kFloat));
    }
  }

  EagerGradients Gradients(const BenchBatch& batch) override {
    const at::Tensor x = EagerImages(batch, options_.channels_last).set_requires_grad(true);
    EagerHalfStep seconds;
    const at::Tensor h = Represent(x, &seconds);
    DropAllGradients();
    torch::autograd::backward({EagerCrossEntropy(head_(h), EagerLabels(batch))}, {});
    EagerGradients found{.representation = Values(h), .images = Values(x.grad(), {0, 2, 3, 1})};
    for (const at::Tensor& alphas : alphas_) {
      // A kind of which there is no cell.
      const std::vector<float> values = alphas.grad().defined()
                                            ? Values(alphas.grad())
                                            : std::vector<float>(kEdges * kCandidates, 0.0f);
      found.alphas.insert(found.alphas.end(), values.begin(), values.end());
    }
    for (const auto& [name, tensor] : parameters_.all())
      found.weights[name] = Values(tensor.grad());
    DropAllGradients();
    return found;
  }

 private:
  void MakeCells(int64_t stem) {
    CellChannels channels{.before_last = stem, .last = stem, .own = options_.channels};
    bool reduction_before = false;
    for (int i = 0; i < options_.cells; ++i) {
      const bool reduction = i == options_.cells / 3 || i == 2 * options_.cells / 3;
      if (reduction) channels.own *= 2;
      cells_.push_back(MakeCell(parameters_, i, channels, reduction, reduction_before));
      reduction_before = reduction;
      channels.before_last = channels.last;
      channels.last = kNodes * channels.own;
    }
    representation_size_ = channels.last;
  }

  void MakeHead() {
    const int64_t d = representation_size_;
    if (!options_.nt_xent) {
      head_ = Linear(parameters_, "classifier", d, kBenchClasses);
      return;
    }
    head_ = Sequence({Linear(parameters_, "projection.linear1", d, d),
                      [](const at::Tensor& x) { return at::relu(x); },
                      Linear(parameters_, "projection.linear2", d, kProjection)});
  }

  at::Tensor Represent(const at::Tensor& images, EagerHalfStep* seconds) {
    LapTimer timer;
    at::Tensor s0 = stem_(images), s1 = s0;
    seconds->stem = timer.Lap();
    for (const MixedCell& cell : cells_) {
      const at::Tensor y = cell(s0, s1, at::softmax(alphas_[cell.reduction], -1));
      s0 = std::exchange(s1, y);
    }
    seconds->cells = timer.Lap();
    return GlobalPool(s1);
  }

  at::Tensor Loss(const at::Tensor& images, const at::Tensor& labels, EagerHalfStep* seconds) {
    const at::Tensor h = Represent(images, seconds);
    LapTimer timer;
    const at::Tensor loss = options_.nt_xent ? EagerNtXent(head_(h), kTemperature)
                                             : EagerCrossEntropy(head_(h), labels);
    seconds->objective = timer.Lap();
    return loss;
  }

  EagerHalfStep AlphaStep() {
    EagerHalfStep seconds;
    DropGradients({alphas_[0], alphas_[1]});
    const at::Tensor loss = Loss(alpha_images_, alpha_labels_, &seconds);
    LapTimer timer;
    if (options_.alpha_only) {
      const auto found =
          torch::autograd::grad({loss}, {alphas_[0], alphas_[1]}, {}, /*retain_graph=*/false,
                                /*create_graph=*/false, /*allow_unused=*/true);
      for (int kind = 0; kind < 2; ++kind) alphas_[kind].mutable_grad() = found[kind];
    } else {
      torch::autograd::backward({loss}, {});
    }
    seconds.backward = timer.Lap();
    adam_->Step();
    seconds.optimizer = timer.Lap();
    return seconds;
  }

  EagerHalfStep WeightStep() {
    EagerHalfStep seconds;
    DropGradients(weights_);
    const at::Tensor loss = Loss(weight_images_, weight_labels_, &seconds);
    LapTimer timer;
    torch::autograd::backward({loss}, {});
    seconds.backward = timer.Lap();
    ClipGradients(weights_, kClipNorm);
    sgd_->Step();
    seconds.optimizer = timer.Lap();
    return seconds;
  }

  void DropAllGradients() {
    DropGradients(weights_);
    DropGradients({alphas_[0], alphas_[1]});
  }

  // Values in the order of these dimensions; empty: as the tensor has them.
  static std::vector<float> Values(const at::Tensor& tensor, at::IntArrayRef order = {}) {
    const at::Tensor dense = (order.empty() ? tensor : tensor.permute(order)).detach().contiguous();
    const float* first = dense.const_data_ptr<float>();
    return {first, first + dense.numel()};
  }

  const EagerSupernetOptions options_;
  EagerParameters parameters_;
  EagerLayer stem_, head_;
  std::vector<MixedCell> cells_;
  int64_t representation_size_ = 0;
  std::array<at::Tensor, 2> alphas_;  // normal, reduction
  std::vector<at::Tensor> weights_;
  std::unique_ptr<EagerSgd> sgd_;
  std::unique_ptr<EagerAdam> adam_;
  at::Tensor alpha_images_, weight_images_, alpha_labels_, weight_labels_;
};

}  // namespace

std::unique_ptr<EagerSupernet> EagerSupernet::Create(const EagerSupernetOptions& options) {
  return std::make_unique<Supernet>(options);
}

}  // namespace ssnas
