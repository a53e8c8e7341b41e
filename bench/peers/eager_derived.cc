#include "bench/peers/eager_derived.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/relu.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/peers/eager_layers.h"
#include "bench/peers/eager_step.h"

namespace ssnas {
namespace {

constexpr int kNodes = 4, kStemMultiplier = 3;
constexpr int kPreprocessed = 2;  // the project numbers a cell's states from its raw inputs
constexpr int64_t kAuxiliaryChannels = 768;
constexpr double kClipNorm = 5;

at::Tensor DropPath(at::Tensor x, double drop) {
  const double keep = 1 - drop;
  const at::Tensor kept = at::empty({x.size(0), 1, 1, 1}, x.options()).bernoulli_(keep);
  return x.div(keep).mul(kept);
}

struct DerivedEdge {
  EagerLayer layer;
  int from = 0;
  bool identity = false;

  at::Tensor operator()(const std::vector<at::Tensor>& states, double drop) const {
    const at::Tensor y = layer(states[from]);
    return drop > 0 && !identity ? DropPath(y, drop) : y;
  }
};

struct DerivedCell {
  EagerLayer preprocess0, preprocess1;
  std::vector<DerivedEdge> edges;

  at::Tensor operator()(const at::Tensor& s0, const at::Tensor& s1, double drop) const {
    std::vector<at::Tensor> states = {preprocess0(s0), preprocess1(s1)};
    for (int node = 0; node < kNodes; ++node) {
      states.push_back(edges[2 * node](states, drop) + edges[2 * node + 1](states, drop));
    }
    return at::cat({states[2], states[3], states[4], states[5]}, 1);
  }
};

EagerLayer AuxiliaryHead(EagerParameters& parameters, int64_t in, int64_t size) {
  const std::string prefix = "auxiliary.edge_0_1.head.";
  // 8×8 features of CIFAR; smaller ones, which only tests have, are pooled whole to 2×2.
  const int64_t kernel = size < 6 ? size - 1 : 5, stride = size < 6 ? 1 : 3;
  const EagerLayer relu = [](const at::Tensor& x) { return at::relu(x); };
  const EagerLayer pool = [=](const at::Tensor& x) {
    return at::avg_pool2d(x, {kernel, kernel}, {stride, stride}, {0, 0}, /*ceil_mode=*/false,
                          /*count_include_pad=*/false);
  };
  return Sequence(
      {relu, pool, Conv(parameters, prefix + "conv1", {.in = in, .out = 128}),
       BatchNorm(parameters, prefix + "norm1", 128, /*affine=*/true), relu,
       Conv(parameters, prefix + "conv2", {.in = 128, .out = kAuxiliaryChannels, .kernel = 2}),
       BatchNorm(parameters, prefix + "norm2", kAuxiliaryChannels, /*affine=*/true), relu,
       GlobalPool});
}

class Derived : public EagerDerived {
 public:
  explicit Derived(const EagerDerivedOptions& options)
      : options_(options), parameters_(options.channels_last, options.seed) {
    const int64_t stem = kStemMultiplier * options.channels;
    stem_ = Sequence({Conv(parameters_, "stem.edge_0_1.cifar.conv",
                           {.in = 3, .out = stem, .kernel = 3, .padding = 1}),
                      BatchNorm(parameters_, "stem.edge_0_1.cifar.norm", stem, /*affine=*/true)});
    int64_t before_last = stem, last = stem, own = options.channels, size = options.image_size;
    bool reduction_before = false;
    for (int i = 0; i < options.cells; ++i) {
      const bool reduction = i == options.cells / 3 || i == 2 * options.cells / 3;
      if (reduction) {
        own *= 2;
        size = (size + 1) / 2;
      }
      AddCell(i, before_last, last, own, reduction, reduction_before);
      reduction_before = reduction;
      before_last = std::exchange(last, kNodes * own);
      if (i != 2 * options.cells / 3) continue;
      auxiliary_ = AuxiliaryHead(parameters_, last, size);
    }
    classifier_ = Linear(parameters_, "classifier", last, kBenchClasses);
    auxiliary_classifier_ =
        Linear(parameters_, "auxiliary_classifier", kAuxiliaryChannels, kBenchClasses);
    for (const auto& [name, tensor] : parameters_.all()) weights_.push_back(tensor);
    sgd_ = std::make_unique<EagerSgd>(weights_);
  }

  void SetBatch(const BenchBatch& batch) override {
    images_ = EagerImages(batch, options_.channels_last);
    labels_ = EagerLabels(batch);
  }

  EagerTraining Step() override {
    EagerTraining training;
    EagerHalfStep& seconds = training.seconds;
    DropGradients(weights_);
    LapTimer timer;
    at::Tensor s0 = stem_(images_), s1 = s0, auxiliary;
    seconds.stem = timer.Lap();
    for (int i = 0; i < options_.cells; ++i) {
      const at::Tensor y = cells_[i](s0, s1, options_.drop_path);
      s0 = std::exchange(s1, y);
      if (i == 2 * options_.cells / 3) auxiliary = auxiliary_(s1);
    }
    seconds.cells = timer.Lap();
    const at::Tensor loss =
        EagerCrossEntropy(classifier_(GlobalPool(s1)), labels_) +
        options_.auxiliary_weight * EagerCrossEntropy(auxiliary_classifier_(auxiliary), labels_);
    training.loss = loss.item<double>();
    seconds.objective = timer.Lap();
    torch::autograd::backward({loss}, {});
    seconds.backward = timer.Lap();
    ClipGradients(weights_, kClipNorm);
    sgd_->Step();
    seconds.optimizer = timer.Lap();
    return training;
  }

 private:
  void AddCell(int index, int64_t before_last, int64_t last, int64_t own, bool reduction,
               bool reduction_before) {
    const std::string prefix = absl::StrCat("cells.", index, ".");
    DerivedCell cell;
    cell.preprocess0 = Preprocess(parameters_, prefix + "edge_0_2.preprocess0.", before_last, own,
                                  reduction_before, /*affine=*/true);
    cell.preprocess1 = Preprocess(parameters_, prefix + "edge_1_3.preprocess1.", last, own,
                                  /*reduce=*/false, /*affine=*/true);
    const std::vector<EagerEdge>& edges = reduction ? options_.reduction : options_.normal;
    for (int i = 0; i < 2 * kNodes; ++i) {
      const EagerEdge& edge = edges[i];
      const int stride = reduction && edge.from < 2 ? 2 : 1;
      const std::string name = absl::StrCat(prefix, "edge_", edge.from + kPreprocessed, "_",
                                            2 + i / 2 + kPreprocessed, ".", edge.operation, ".");
      cell.edges.push_back(
          {Candidate(parameters_, name, edge.operation, own, stride, /*affine=*/true), edge.from,
           edge.operation == "skip_connect" && stride == 1});
    }
    cells_.push_back(std::move(cell));
  }

  const EagerDerivedOptions options_;
  EagerParameters parameters_;
  EagerLayer stem_, classifier_, auxiliary_, auxiliary_classifier_;
  std::vector<DerivedCell> cells_;
  std::vector<at::Tensor> weights_;
  std::unique_ptr<EagerSgd> sgd_;
  at::Tensor images_, labels_;
};

}  // namespace

std::unique_ptr<EagerDerived> EagerDerived::Create(const EagerDerivedOptions& options) {
  return std::make_unique<Derived>(options);
}

}  // namespace ssnas
