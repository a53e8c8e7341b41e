// A block that runs a program: forward.cc, backward.cc.
//
// Image by image within the regions of a schedule; sums over pixels are taken by item (a fixed
// group of images) and merged in order in double, so that neither the number of threads nor how
// loops are cut changes a bit of the result.
#ifndef SSNAS_ENGINE_FUSED_FUSED_BLOCK_H_
#define SSNAS_ENGINE_FUSED_FUSED_BLOCK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/fused/kernels.h"
#include "ssnas/engine/fused/layout.h"
#include "ssnas/engine/fused/memory.h"
#include "ssnas/engine/fused/program.h"
#include "ssnas/engine/fused/schedule.h"
#include "ssnas/engine/fused/tables.h"
#include "ssnas/engine/pointwise.h"

namespace ssnas::fused {

// What all blocks of an engine share.
struct Resources {
  ParallelFor parallel_for;
  Recompute recompute = kDefaultRecompute;
  Pointwise pointwise = Pointwise::kFloat32;
  DecisionTrace* record = nullptr;  // with Recompute::kNothing
  BufferPool buffers;
  ScratchPool scratch;
};

// Everything that is known of a value during a step.
struct ValueState {
  BufferPool::Buffer memory;
  const float* data = nullptr;  // image after image; before the norm

  // The norm: face = scale·z + shift, spread; and what it came from, a channel.
  std::vector<float> scale, shift, center;
  std::vector<double> mean, inverse_deviation;  // 1 / √(variance + ε)
  std::vector<double> bias;
  // Of each item: a value near the mean (spread), and the sums around it (2 × spread).
  std::vector<float> item_centers;
  std::vector<double> item_sums;

  BufferPool::Buffer gradient_memory;
  float* gradient = nullptr;
  bool wanted = false;  // its gradient is
  // Gradient before the norm = scale · (gradient of the face) + z_factor · z + constant.
  std::vector<float> z_factor, constant;
  std::vector<double> gradient_sums;  // items × 2 × spread, of a gated gradient
};

struct TermState {
  float weight = 1;              // mixture weight
  std::vector<float> factor;     // weight × scale, spread
  std::vector<double> products;  // items × spread: Σ gradient · (z − center)
};

struct EdgeState {
  std::vector<TermState> terms;
  std::vector<float> constant;       // Σ weight × shift, spread
  bool first = false, last = false;  // of its node
  std::vector<double> sums;          // items × spread: Σ gradient of the node
};

// Some rows of what a convolution's matrix multiplies: row r begins at data + r·step.
struct GatheredRows {
  const float* data;
  int64_t step;
};

// Where a term is read: edges[edge].terms[term].
struct Reader {
  int edge, term;
};

class FusedBlock : public Block<float> {
 public:
  // `own`: the program for running statistics, `shared` for those of the batch; `modules`: the
  // blocks of either's Program::modules.
  FusedBlock(BlockPlan plan, Program shared, Program own,
             std::vector<std::unique_ptr<Block<float>>> modules,
             std::shared_ptr<Resources> resources)
      : plan_(std::move(plan)),
        shared_program_(std::move(shared)),
        own_program_(std::move(own)),
        modules_(std::move(modules)),
        resources_(std::move(resources)) {}

  absl::Status Forward(const ForwardArgs<float>& args, View4<float> output) override;
  absl::Status Backward(const BackwardArgs<float>& args) override;

 private:
  // One image's work of an operation.
  struct Place {
    int64_t image, item;
    Scratch& scratch;
  };

  // forward.cc
  void Begin(const ForwardArgs<float>& args, const std::vector<Shape4>& shapes);
  absl::Status TakeStates(const ForwardArgs<float>& args);
  void PrepareTables();
  absl::Status RunForward(const Schedule& schedule);
  void ForwardOp(const Op& op, const Place& place);
  void AddTerms(int edge, const Place& place);
  void AddMoments(int index, const Place& place, const float* z, int64_t count, bool first);
  void FinishNorm(int index);
  void UseRunningNorm(int index);
  void SetFace(int index, const std::vector<double>& variance);
  void PrepareTerms(int edge);
  // Into the output, wherever it shows this state.
  void ShowState(int state, int64_t image);

  // record.cc
  void RecordDecisions() const;
  // relu?(face) seen through an activation, of all images.
  std::vector<float> Seen(const Activation& x) const;

  // values.cc
  void ComputeValue(int index, const Place& place, bool statistics);
  void ComputeConvs(int index, const Place& place, bool statistics);
  void ComputePool(int index, int64_t image);
  void ComputeCopy(int index, const Place& place);
  // to[i] = relu?(face) of values before the norm, from the first channel of a pixel on.
  void ActivateFace(const Activation& x, const float* from, int64_t count, float* to) const;
  void MakePad(int pad, int64_t image, Scratch& scratch, float* to) const;
  void MakeSharedPad(int pad, const Place& place);
  // A shared pad's memory, or one that is made in scratch; null where rows are made one by one.
  const float* PadOf(int pad, int64_t image, Scratch& scratch) const;
  GatheredRows Gather(int value, int conv, const float* pad, int64_t row, int64_t rows,
                      const Place& place, float* memory) const;
  // Floats that Gather needs for a tile.
  int64_t GatherSize(int value, int conv) const;

  // modules.cc: those of a region, of all images at once.
  absl::Status ComputeModules(const Region& region);
  absl::Status ModuleGradients(const Region& region);
  absl::Status ComputeModule(int index);
  absl::Status ModuleGradient(int index);
  Shape4 BatchShape(int value) const;

  // backward.cc
  std::vector<bool> Wanted(const BackwardArgs<float>& args) const;
  absl::Status RunBackward(const Schedule& schedule);
  absl::Status BeginRegion(const Region& region);
  void EndRegion(const Region& region);
  void StartGradient(int value, int64_t image);
  // The output's gradient where it shows this state, added or written; false where it does not.
  bool AddOutputGradient(int state, int64_t image, bool accumulate);
  void TermsGradient(int edge, const Place& place);
  void FinishGradient(int index);
  void FinishAlphas();
  void AddConvGradients(const Region& region);
  template <typename Body>
  void ForPadReaders(const Op& op, const Body& body) const;
  // Floats of an item's partial weight gradients of an operation.
  int64_t WeightSums(const Op& op) const;

  // gradients.cc
  struct ConvSource;
  // The gradient of a value before its norm, for some rows: in memory, or computed into `memory`.
  const float* BeforeNorm(int index, int64_t image, int64_t row, int64_t rows, Scratch& scratch,
                          float* memory) const;
  void PadGradient(const Op& op, const Place& place, float* sums);
  ConvSource ConvGradient(int value, int conv, const float* pad, bool input, const Place& place,
                          float* sums);
  void FilterGradient(int value, int conv, const float* pad, const ConvSource& source,
                      float* sums) const;
  static int ReadersOfRow(const std::vector<ConvSource>& sources, int64_t h, int64_t column,
                          int64_t stride, int64_t channels, TapRun* runs);
  void InputGradient(int pad, const std::vector<ConvSource>& sources, const Place& place);
  void StridedInputGradient(int pad, const std::vector<ConvSource>& sources, const Place& place,
                            TapRun* runs);
  // Adds what the runs sum up to rows of a value's gradient, through a relu where there is no norm;
  // FinishGradientRows does the rest where there is one.
  void AddGradientRows(const Activation& x, const Place& place, int64_t row, int64_t rows,
                       const TapRun* runs, int run_count);
  void FinishGradientRows(const Activation& x, const Place& place);
  void ValueGradient(int index, const Place& place);
  void PoolGradient(int index, const Place& place);
  void CopyGradient(int index, const Place& place);

  // Calls body for every image of every item.
  void ForImages(const std::function<void(const Place&)>& body);
  BufferPool::Buffer& BufferOf(const BufferUse& use);
  absl::Status TakeBuffer(const BufferUse& use);
  void GiveBuffer(const BufferUse& use);
  void Release();
  ScheduleOptions Options() const;

  const Program& program() const { return *program_; }
  const ValueLayout& shape(int value) const { return layout_.values[value]; }
  const float* Image(int value, int64_t image) const {
    return values_[value].data + image * shape(value).image();
  }
  float* MutableImage(int value, int64_t image) {
    return values_[value].memory.data() + image * shape(value).image();
  }
  float* GradientImage(int value, int64_t image) const {
    return values_[value].gradient + image * shape(value).image();
  }
  float DropScale(const EdgeSteps& edge, int64_t image) const {
    return edge.drop_path && !drop_path_.empty() ? drop_path_[edge.edge * layout_.images + image]
                                                 : 1.0F;
  }
  bool wants(GradientMask mask) const { return (args_->gradients & mask) != 0; }

  const BlockPlan plan_;
  const Program shared_program_, own_program_;
  const std::vector<std::unique_ptr<Block<float>>> modules_;
  const std::shared_ptr<Resources> resources_;

  // Of the latest Forward.
  const Program* program_ = nullptr;
  std::vector<Shape4> shapes_;  // of the states: program and layout are kept while they stay
  Layout layout_;
  std::vector<ValueState> values_;
  std::vector<BufferPool::Buffer> pads_;
  std::vector<EdgeState> edges_;
  std::vector<std::vector<Reader>> readers_;     // [value]
  std::vector<std::vector<ConvTables>> tables_;  // [value][conv]
  std::vector<float> mixture_, drop_path_;
  NormMode norm_ = NormMode::kBatch;
  const float* weights_ = nullptr;       // during Forward only
  float* running_statistics_ = nullptr;  // during Forward only
  unsigned kept_ = kNoGradients;
  View4<float> output_;  // its memory during Forward only

  // Of the Backward that is running.
  const BackwardArgs<float>* args_ = nullptr;
  std::vector<BufferPool::Buffer> weight_sums_;  // [operation of the region]
};

// Calls body(value, conv) for the convolutions of the operation's edge that read its pad.
template <typename Body>
void FusedBlock::ForPadReaders(const Op& op, const Body& body) const {
  for (const StepPlan& step : program().edges[op.edge].steps) {
    if (step.pad || !values_[step.index].wanted) continue;
    const std::vector<ConvPlan>& convs = program().values[step.index].convs;
    for (size_t c = 0; c < convs.size(); ++c) {
      if (convs[c].pad == op.index) body(step.index, static_cast<int>(c));
    }
  }
}

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_FUSED_BLOCK_H_
