#include "ssnas/networks/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/pooling.h"

namespace ssnas {
namespace {

// gα[r, k] += p[r, k] · (gp[r, k] − Σ_j p[r, j] gp[r, j]): softmax's Jacobian, row by row.
template <typename T>
void SoftmaxBackward(const std::vector<T>& mixture, const std::vector<T>& gradient, int columns,
                     T* alpha_gradients) {
  for (size_t row = 0; row < mixture.size(); row += columns) {
    double dot = 0;
    for (int k = 0; k < columns; ++k) dot += double{mixture[row + k]} * gradient[row + k];
    for (int k = 0; k < columns; ++k) {
      alpha_gradients[row + k] += static_cast<T>(mixture[row + k] * (gradient[row + k] - dot));
    }
  }
}

template <typename T>
class PlannedNetwork : public Network<T> {
 public:
  static absl::StatusOr<std::unique_ptr<Network<T>>> Create(NetworkPlan plan, Engine<T>& engine) {
    auto network = absl::WrapUnique(new PlannedNetwork(std::move(plan)));
    SSNAS_RETURN_IF_ERROR(network->Build(engine));
    return network;
  }

  const NetworkPlan& plan() const override { return plan_; }
  const ParameterLayout& weights() const override { return weights_; }
  const ParameterLayout& running_statistics() const override { return running_statistics_; }
  int64_t representation_size() const override { return representation_size_; }
  int64_t auxiliary_size() const override { return auxiliary_size_; }

  absl::Status Forward(View4<const T> images, const NetworkForward<T>& args,
                       NetworkOutputs<T>* outputs) override {
    SSNAS_ASSIGN_OR_RETURN(shapes_, plan_.Shapes(images.shape));
    images_ = images.shape;
    gradients_ = args.gradients;
    DecideGradients();
    mixture_.clear();
    if (args.alphas != nullptr) {
      mixture_ = MixtureWeights(args.alphas, 2 * plan_.mixture_rows, plan_.mixture_columns);
    }
    for (size_t i = 0; i < blocks_.size(); ++i) {
      if (!Runs(i, args)) continue;
      SSNAS_RETURN_IF_ERROR(ForwardBlock(i, images, args));
      if (args.gradients == kNoGradients) FreeDeadActivations(i);
    }
    Pool(plan_.output, &outputs->representation);
    outputs->auxiliary.clear();
    if (plan_.auxiliary >= 0 && Runs(plan_.auxiliary, args)) Pool(plan_.auxiliary, &outputs->auxiliary);
    return absl::OkStatus();
  }

  absl::Status Backward(const NetworkBackward<T>& args) override {
    if ((args.gradients & ~gradients_) != 0 || activations_[plan_.output].empty()) {
      return absl::FailedPreconditionError("Backward asks for gradients that Forward was not told of");
    }
    std::vector<T> mixture_gradients(mixture_.size(), T{0});
    std::vector<std::vector<T>> gradients(blocks_.size());
    for (size_t i = 0; i < blocks_.size(); ++i) {
      if (masks_[i] != kNoGradients) gradients[i].assign(shapes_[i].count(), T{0});
    }
    if (masks_[plan_.output] != kNoGradients) {
      GlobalAveragePoolBackward(args.representation, {gradients[plan_.output].data(), shapes_[plan_.output]});
    }
    if (args.auxiliary != nullptr && plan_.auxiliary >= 0 && masks_[plan_.auxiliary] != kNoGradients) {
      GlobalAveragePoolBackward(args.auxiliary,
                                {gradients[plan_.auxiliary].data(), shapes_[plan_.auxiliary]});
    }
    for (int i = static_cast<int>(blocks_.size()) - 1; i >= 0; --i) {
      if (masks_[i] == kNoGradients || activations_[i].empty()) continue;
      SSNAS_RETURN_IF_ERROR(BackwardBlock(i, args, gradients, mixture_gradients));
      gradients[i] = {};
      activations_[i] = {};
    }
    if (args.gradients & kAlphaGradients) {
      SoftmaxBackward(mixture_, mixture_gradients, plan_.mixture_columns, args.alpha_gradients);
    }
    return absl::OkStatus();
  }

 private:
  explicit PlannedNetwork(NetworkPlan plan) : plan_(std::move(plan)) {}

  absl::Status Build(Engine<T>& engine) {
    plan_.AddParameters(&weights_, &running_statistics_);
    for (const PlannedBlock& block : plan_.blocks) {
      SSNAS_ASSIGN_OR_RETURN(auto built, engine.Build(block.plan, weights_, running_statistics_));
      blocks_.push_back(std::move(built));
    }
    activations_.resize(blocks_.size());
    representation_size_ = OutputChannels(plan_.output);
    auxiliary_size_ = plan_.auxiliary >= 0 ? OutputChannels(plan_.auxiliary) : 0;
    return absl::OkStatus();
  }

  // Channels of a block's output: of the last recipe of each concatenated node.
  int64_t OutputChannels(int block) const {
    const BlockPlan& plan = plan_.blocks[block].plan;
    int64_t channels = 0;
    for (const int state : plan.concat) {
      channels += plan.nodes[state - plan.inputs].edges[0].candidates[0].recipe.out_channels();
    }
    return channels;
  }

  bool Runs(int block, const NetworkForward<T>& args) const {
    return block != plan_.auxiliary || (args.gradients != kNoGradients && args.norm != NormMode::kRunning);
  }

  // What each block's Backward is asked for: nothing below the first block that has something to learn.
  void DecideGradients() {
    masks_.assign(blocks_.size(), kNoGradients);
    std::vector<bool> wanted(blocks_.size());
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const PlannedBlock& block = plan_.blocks[i];
      unsigned mask = gradients_ & kWeightGradients;
      if (block.alphas >= 0) mask |= gradients_ & kAlphaGradients;
      for (const int input : block.inputs) {
        const bool below = input == kImages ? (gradients_ & kInputGradients) != 0 : wanted[input];
        if (below) mask |= kInputGradients;
      }
      masks_[i] = mask;
      wanted[i] = mask != kNoGradients;
    }
  }

  absl::Status ForwardBlock(size_t i, View4<const T> images, const NetworkForward<T>& args) {
    const PlannedBlock& block = plan_.blocks[i];
    ForwardArgs<T> forward;
    for (const int input : block.inputs) {
      forward.inputs.push_back(
          input == kImages ? images
                           : View4<const T>{activations_[input].data(), shapes_[input]});
    }
    forward.weights = args.weights;
    forward.running_statistics = args.running_statistics;
    forward.norm = args.norm;
    forward.gradients = masks_[i];
    if (block.alphas >= 0) {
      forward.mixture = mixture_.data() + block.alphas * plan_.mixture_rows * plan_.mixture_columns;
    }
    const std::vector<T> drop_path = DropPath(i, images.shape.n, args);
    if (!drop_path.empty()) forward.drop_path = drop_path.data();
    activations_[i].resize(shapes_[i].count());
    return blocks_[i]->Forward(forward, {activations_[i].data(), shapes_[i]});
  }

  // 0 or 1 / keep for each edge and image; drawn per edge and image, whatever the threads.
  std::vector<T> DropPath(size_t i, int64_t images, const NetworkForward<T>& args) const {
    if (args.drop_path <= 0) return {};
    const int edges = plan_.blocks[i].plan.EdgeCount();
    const double keep = 1.0 - args.drop_path;
    std::vector<T> scales(edges * images);
    for (int64_t n = 0; n < images; ++n) {
      Philox random({.seed = args.seed,
                     .purpose = Purpose::kDropPath,
                     .epoch = args.step,
                     .sample = static_cast<uint64_t>(n),
                     .view = static_cast<uint32_t>(i)});
      for (int edge = 0; edge < edges; ++edge) {
        scales[edge * images + n] = random.Bernoulli(keep) ? static_cast<T>(1.0 / keep) : T{0};
      }
    }
    return scales;
  }

  absl::Status BackwardBlock(int i, const NetworkBackward<T>& args,
                             std::vector<std::vector<T>>& gradients, std::vector<T>& mixture_gradients) {
    const PlannedBlock& block = plan_.blocks[i];
    BackwardArgs<T> backward;
    backward.output_gradient = {gradients[i].data(), shapes_[i]};
    backward.gradients = masks_[i];
    backward.weight_gradients = args.weight_gradients;
    if (block.alphas >= 0 && !mixture_gradients.empty()) {
      backward.mixture_gradients =
          mixture_gradients.data() + block.alphas * plan_.mixture_rows * plan_.mixture_columns;
    }
    for (const int input : block.inputs) {
      if (input == kImages) {
        backward.input_gradients.push_back({args.image_gradients, images_});
      } else {
        const bool wanted = masks_[input] != kNoGradients;
        backward.input_gradients.push_back({wanted ? gradients[input].data() : nullptr, shapes_[input]});
      }
    }
    return blocks_[i]->Backward(backward);
  }

  // Without a backward pass an activation lives until the last block that reads it has run.
  void FreeDeadActivations(size_t done) {
    for (size_t i = 0; i < done; ++i) {
      if (static_cast<int>(i) == plan_.output) continue;
      bool read_later = false;
      for (size_t j = done + 1; j < blocks_.size(); ++j) {
        const std::vector<int>& inputs = plan_.blocks[j].inputs;
        read_later |= std::find(inputs.begin(), inputs.end(), static_cast<int>(i)) != inputs.end();
      }
      if (!read_later) activations_[i] = {};
    }
  }

  void Pool(int block, std::vector<T>* pooled) {
    pooled->resize(shapes_[block].n * shapes_[block].c);
    GlobalAveragePool<T>({activations_[block].data(), shapes_[block]}, pooled->data());
  }

  const NetworkPlan plan_;
  ParameterLayout weights_, running_statistics_;
  std::vector<std::unique_ptr<Block<T>>> blocks_;
  int64_t representation_size_ = 0, auxiliary_size_ = 0;

  // Of the latest Forward.
  Shape4 images_;
  std::vector<Shape4> shapes_;
  std::vector<std::vector<T>> activations_;
  std::vector<T> mixture_;
  std::vector<unsigned> masks_;
  unsigned gradients_ = kNoGradients;
};

}  // namespace

template <typename T>
std::vector<T> MixtureWeights(const T* alphas, int rows, int columns) {
  std::vector<T> mixture(static_cast<size_t>(rows) * columns);
  for (int row = 0; row < rows; ++row) {
    const T* logits = alphas + row * columns;
    const double largest = *std::max_element(logits, logits + columns);
    double sum = 0;
    for (int k = 0; k < columns; ++k) sum += std::exp(logits[k] - largest);
    for (int k = 0; k < columns; ++k) {
      mixture[row * columns + k] = static_cast<T>(std::exp(logits[k] - largest) / sum);
    }
  }
  return mixture;
}

template <typename T>
absl::StatusOr<std::unique_ptr<Network<T>>> Network<T>::Create(NetworkPlan plan, Engine<T>& engine) {
  return PlannedNetwork<T>::Create(std::move(plan), engine);
}

template class Network<float>;
template class Network<double>;
template std::vector<float> MixtureWeights<float>(const float*, int, int);
template std::vector<double> MixtureWeights<double>(const double*, int, int);

}  // namespace ssnas
