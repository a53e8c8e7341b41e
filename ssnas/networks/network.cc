#include "ssnas/networks/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/memory/buffer_pool.h"
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
  int64_t representation_size() const override { return channels_[plan_.output]; }
  int64_t auxiliary_size() const override {
    return plan_.auxiliary >= 0 ? channels_[plan_.auxiliary] : 0;
  }

  absl::Status Forward(View4<const T> images, const NetworkForward<T>& args,
                       NetworkOutputs<T>* outputs) override {
    SSNAS_RETURN_IF_ERROR(CheckForward(args));
    gradients_ = kNoGradients;
    GiveAll(&activations_);  // of a Forward that no Backward followed
    SSNAS_ASSIGN_OR_RETURN(shapes_, plan_.Shapes(images.shape));
    images_ = images.shape;
    mixture_.clear();
    if (plan_.mixture_rows > 0) {
      mixture_ = MixtureWeights(args.alphas, 2 * plan_.mixture_rows, plan_.mixture_columns);
    }
    auxiliary_ran_ =
        plan_.auxiliary >= 0 && args.gradients != kNoGradients && args.norm != NormMode::kRunning;
    outputs->auxiliary.clear();
    const absl::Status status = RunBlocks(images, args, outputs);
    if (!status.ok()) GiveAll(&activations_);
    SSNAS_RETURN_IF_ERROR(status);
    gradients_ = args.gradients;
    return absl::OkStatus();
  }

  absl::Status Backward(const NetworkBackward<T>& args) override {
    SSNAS_RETURN_IF_ERROR(CheckBackward(args));
    gradients_ = kNoGradients;
    const std::vector<unsigned> masks = Masks(args.gradients);
    std::vector<T> mixture_gradients(mixture_.size(), T{0});
    const absl::Status status = RunBlocksBack(args, masks, mixture_gradients);
    GiveAll(&output_gradients_);
    GiveAll(&activations_);
    SSNAS_RETURN_IF_ERROR(status);
    if (args.gradients & kAlphaGradients) {
      SoftmaxBackward(mixture_, mixture_gradients, plan_.mixture_columns, args.alpha_gradients);
    }
    return absl::OkStatus();
  }

 private:
  using Buffer = typename BufferPool<T>::Buffer;

  explicit PlannedNetwork(NetworkPlan plan) : plan_(std::move(plan)) {}

  absl::Status Build(Engine<T>& engine) {
    SSNAS_ASSIGN_OR_RETURN(channels_, plan_.OutputChannels());
    plan_.AddParameters(&weights_, &running_statistics_);
    first_reader_.assign(plan_.blocks.size(), -1);
    last_reader_.assign(plan_.blocks.size(), -1);
    activations_.resize(plan_.blocks.size());
    output_gradients_.resize(plan_.blocks.size());
    for (const PlannedBlock& block : plan_.blocks) {
      for (const int input : block.inputs) {
        if (input == kImages) continue;
        last_reader_[input] = static_cast<int>(blocks_.size());
        if (first_reader_[input] < 0) first_reader_[input] = last_reader_[input];
      }
      SSNAS_ASSIGN_OR_RETURN(auto built, engine.Build(block.plan, weights_, running_statistics_));
      blocks_.push_back(std::move(built));
    }
    return absl::OkStatus();
  }

  absl::Status CheckForward(const NetworkForward<T>& args) const {
    if (plan_.mixture_rows > 0 && args.alphas == nullptr) {
      return absl::InvalidArgumentError("a supernet runs with alphas, and none are given");
    }
    if (!(args.drop_path >= 0 && args.drop_path < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a drop-path probability of ", args.drop_path, "; it is from 0 to below 1"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckBackward(const NetworkBackward<T>& args) const {
    if (args.gradients == kNoGradients || (args.gradients & ~gradients_) != 0) {
      return absl::FailedPreconditionError(absl::StrCat("Backward for gradients ", args.gradients,
                                                        " after a Forward that kept ", gradients_));
    }
    if (args.auxiliary != nullptr && !auxiliary_ran_) {
      return absl::FailedPreconditionError("the auxiliary head did not run");
    }
    const auto lacks = [&](GradientMask mask, const T* memory) {
      return (args.gradients & mask) != 0 && memory == nullptr;
    };
    if (args.representation == nullptr || lacks(kWeightGradients, args.weight_gradients) ||
        lacks(kAlphaGradients, args.alpha_gradients) ||
        lacks(kInputGradients, args.image_gradients)) {
      return absl::InvalidArgumentError("no memory for a gradient that is asked for or given");
    }
    return absl::OkStatus();
  }

  // What each block's Backward is asked for: nothing below the first block that has something to
  // learn.
  std::vector<unsigned> Masks(unsigned gradients) const {
    std::vector<unsigned> masks(plan_.blocks.size());
    for (size_t i = 0; i < masks.size(); ++i) {
      const PlannedBlock& block = plan_.blocks[i];
      masks[i] = gradients & kWeightGradients;
      if (block.alphas >= 0) masks[i] |= gradients & kAlphaGradients;
      for (const int input : block.inputs) {
        const unsigned below = input == kImages ? gradients & kInputGradients : masks[input];
        if (below != kNoGradients) masks[i] |= kInputGradients;
      }
    }
    return masks;
  }

  // An activation lives until the last block that reads it has run, or, where Backward follows,
  // until the first that reads it has been differentiated: blocks keep no copies of their inputs.
  absl::Status RunBlocks(View4<const T> images, const NetworkForward<T>& args,
                         NetworkOutputs<T>* outputs) {
    const std::vector<unsigned> masks = Masks(args.gradients);
    std::vector<bool> kept(blocks_.size(), false);
    for (size_t i = 0; i < blocks_.size(); ++i) {
      for (const int input : plan_.blocks[i].inputs) {
        if (input != kImages && masks[i] != kNoGradients) kept[input] = true;
      }
    }
    for (int i = 0; i < static_cast<int>(blocks_.size()); ++i) {
      if (i == plan_.auxiliary && !auxiliary_ran_) continue;
      SSNAS_ASSIGN_OR_RETURN(activations_[i], buffers_.Take(shapes_[i].count()));
      SSNAS_RETURN_IF_ERROR(ForwardBlock(i, images, args, masks[i]));
      if (i == plan_.output) Pool(i, &outputs->representation);
      if (i == plan_.auxiliary) Pool(i, &outputs->auxiliary);
      for (int j = 0; j <= i; ++j) {
        if (last_reader_[j] <= i && !kept[j]) Give(&activations_[j]);
      }
    }
    return absl::OkStatus();
  }

  void Give(Buffer* buffer) { buffers_.Give(std::exchange(*buffer, {})); }
  void GiveAll(std::vector<Buffer>* held) {
    for (Buffer& buffer : *held) Give(&buffer);
  }

  absl::Status ForwardBlock(int i, View4<const T> images, const NetworkForward<T>& args,
                            unsigned mask) {
    const PlannedBlock& block = plan_.blocks[i];
    ForwardArgs<T> forward;
    for (const int input : block.inputs) {
      forward.inputs.push_back(
          input == kImages ? images : View4<const T>{activations_[input].data(), shapes_[input]});
    }
    forward.weights = args.weights;
    forward.running_statistics = args.running_statistics;
    forward.norm = args.norm;
    forward.gradients = mask;
    if (block.alphas >= 0) forward.mixture = mixture_.data() + MixtureOffset(block);
    const std::vector<T> drop_path = DropPath(i, images.shape.n, args);
    if (!drop_path.empty()) forward.drop_path = drop_path.data();
    return blocks_[i]->Forward(forward, {activations_[i].data(), shapes_[i]});
  }

  int64_t MixtureOffset(const PlannedBlock& block) const {
    return int64_t{block.alphas} * plan_.mixture_rows * plan_.mixture_columns;
  }

  // 0 or 1 / keep for each edge and image; keyed by block and image, whatever the threads. Empty:
  // none.
  std::vector<T> DropPath(int i, int64_t images, const NetworkForward<T>& args) const {
    if (args.drop_path <= 0 || !HasDropPath(plan_.blocks[i].plan)) return {};
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

  static bool HasDropPath(const BlockPlan& plan) {
    for (const NodePlan& node : plan.nodes) {
      for (const EdgePlan& edge : node.edges) {
        if (edge.drop_path) return true;
      }
    }
    return false;
  }

  void Pool(int block, std::vector<T>* pooled) {
    pooled->resize(shapes_[block].n * shapes_[block].c);
    GlobalAveragePool<T>({activations_[block].data(), shapes_[block]}, pooled->data());
  }

  absl::Status RunBlocksBack(const NetworkBackward<T>& args, const std::vector<unsigned>& masks,
                             std::vector<T>& mixture_gradients) {
    SSNAS_RETURN_IF_ERROR(Seed(plan_.output, args.representation, masks));
    if (args.auxiliary != nullptr) {
      SSNAS_RETURN_IF_ERROR(Seed(plan_.auxiliary, args.auxiliary, masks));
    }
    for (int i = static_cast<int>(blocks_.size()) - 1; i >= 0; --i) {
      // Otherwise nothing above it asked for this block's gradient.
      if (output_gradients_[i].data() != nullptr) {
        SSNAS_RETURN_IF_ERROR(BackwardBlock(i, args, masks, mixture_gradients));
        Give(&output_gradients_[i]);
      }
      for (const int input : plan_.blocks[i].inputs) {
        if (input != kImages && first_reader_[input] == i) Give(&activations_[input]);
      }
    }
    return absl::OkStatus();
  }

  // The gradient of a block's output begins with that of its pooled output.
  absl::Status Seed(int block, const T* pooled_gradient, const std::vector<unsigned>& masks) {
    if (masks[block] == kNoGradients) return absl::OkStatus();
    SSNAS_RETURN_IF_ERROR(StartGradient(block));
    GlobalAveragePoolBackward(pooled_gradient, {output_gradients_[block].data(), shapes_[block]});
    return absl::OkStatus();
  }

  absl::Status StartGradient(int block) {
    SSNAS_RETURN_IF_ERROR(TakeGradient(block));
    std::fill_n(output_gradients_[block].data(), shapes_[block].count(), T{0});
    return absl::OkStatus();
  }

  // Memory that the block which adds first to the gradient begins.
  absl::Status TakeGradient(int block) {
    SSNAS_ASSIGN_OR_RETURN(output_gradients_[block], buffers_.Take(shapes_[block].count()));
    return absl::OkStatus();
  }

  absl::Status BackwardBlock(int i, const NetworkBackward<T>& args,
                             const std::vector<unsigned>& masks,
                             std::vector<T>& mixture_gradients) {
    const PlannedBlock& block = plan_.blocks[i];
    BackwardArgs<T> backward;
    backward.output_gradient = {output_gradients_[i].data(), shapes_[i]};
    backward.gradients = masks[i];
    backward.weight_gradients = args.weight_gradients;
    if (block.alphas >= 0) {
      backward.mixture_gradients = mixture_gradients.data() + MixtureOffset(block);
    }
    for (const int input : block.inputs) {
      if (input == kImages) {
        backward.input_gradients.push_back({args.image_gradients, images_});
        backward.input_gradients_begin.push_back(false);
        continue;
      }
      const bool begins =
          masks[input] != kNoGradients && output_gradients_[input].data() == nullptr;
      const bool shared = std::count(block.inputs.begin(), block.inputs.end(), input) > 1;
      if (begins) SSNAS_RETURN_IF_ERROR(shared ? StartGradient(input) : TakeGradient(input));
      backward.input_gradients_begin.push_back(begins && !shared);
      backward.input_gradients.push_back({output_gradients_[input].data(), shapes_[input]});
    }
    return blocks_[i]->Backward(backward);
  }

  const NetworkPlan plan_;
  ParameterLayout weights_, running_statistics_;
  std::vector<std::unique_ptr<Block<T>>> blocks_;
  std::vector<int64_t> channels_;  // of each block's output
  // The blocks that read each block's output; −1: none.
  std::vector<int> first_reader_, last_reader_;
  BufferPool<T> buffers_;

  // Of the latest Forward.
  Shape4 images_;
  std::vector<Shape4> shapes_;
  std::vector<T> mixture_;
  // Each block's output while a pass needs it, and its gradient.
  std::vector<Buffer> activations_, output_gradients_;
  bool auxiliary_ran_ = false;
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
absl::StatusOr<std::unique_ptr<Network<T>>> Network<T>::Create(NetworkPlan plan,
                                                               Engine<T>& engine) {
  return PlannedNetwork<T>::Create(std::move(plan), engine);
}

template class Network<float>;
template class Network<double>;
template std::vector<float> MixtureWeights<float>(const float*, int, int);
template std::vector<double> MixtureWeights<double>(const double*, int, int);

}  // namespace ssnas
