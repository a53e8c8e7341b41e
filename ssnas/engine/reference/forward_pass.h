// One forward pass of a block on libtorch: states into states, and the leaves whose gradients can
// be asked for. Part of the reference engine, for its own files only.
#ifndef SSNAS_ENGINE_REFERENCE_FORWARD_PASS_H_
#define SSNAS_ENGINE_REFERENCE_FORWARD_PASS_H_

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/reference/reference_engine.h"

namespace ssnas {

// NHWC, as the interface's memory. Measured on a DARTS cell in search (8 channels, 32×32, 16
// images, one thread of a shared EPYC, libtorch 2.15, best of 8): forward 64 ms, with all gradients
// 222 ms; NCHW 147 and 454. With stride 2: 24 and 143 ms; NCHW 46 and 183. NCHW's batch norm is
// more exact (largest error of a cell's output in float32 1.7e-7 of its largest value, here
// 1.5e-6); both keep the bounds of engine/testing/plain_block.h.
inline constexpr at::MemoryFormat kLayout = at::MemoryFormat::ChannelsLast;

// Where a primitive's tensors begin in the flat buffers; −1: it has none.
struct Offsets {
  int64_t weight = -1;
  int64_t bias = -1;
  int64_t mean = -1;
  int64_t variance = -1;
  std::vector<int64_t> parameters = {}, statistics = {};  // of a module
};

// offsets[node][edge][candidate][primitive]
using CandidateOffsets = std::vector<Offsets>;
using EdgeOffsets = std::vector<CandidateOffsets>;
using NodeOffsets = std::vector<EdgeOffsets>;

// A tensor whose gradient can be asked for, and where in its flat buffer it lies.
struct Leaf {
  at::Tensor tensor;
  int64_t offset = 0;
};

template <typename T>
at::Tensor WrapFlat(const T* data, at::IntArrayRef sizes) {
  // from_blob has no const form; nothing that is read through it is written.
  return at::from_blob(const_cast<T*>(data), sizes, at::dtype(c10::CppTypeToScalarType<T>::value));
}

// NHWC memory as an N×C×H×W tensor.
template <typename T>
at::Tensor WrapView(View4<T> view) {
  using Value = std::remove_const_t<T>;
  const Shape4& s = view.shape;
  return at::from_blob(const_cast<Value*>(view.data), {s.n, s.c, s.h, s.w},
                       {s.h * s.w * s.c, 1, s.w * s.c, s.c},
                       at::dtype(c10::CppTypeToScalarType<Value>::value));
}

template <typename T>
class ForwardPass {
 public:
  // `args`, `block` and what `options` points to outlive the pass.
  ForwardPass(const ForwardArgs<T>& args, const std::string& block, const ReferenceOptions& options)
      : args_(args), options_(options), here_{.block = block} {}

  at::Tensor Input(View4<const T> view);
  // State `inputs + index` of the block.
  at::Tensor Node(int index, const NodePlan& node, const NodeOffsets& offsets, const Shape4& shape,
                  const std::vector<at::Tensor>& states);

  std::vector<Leaf> weights;
  std::vector<Leaf> mixtures;

 private:
  bool Keeps() const { return args_.gradients != kNoGradients; }
  bool Wanted(GradientMask mask) const { return (args_.gradients & mask) != 0; }

  at::Tensor Parameter(const T* data, int64_t offset, at::IntArrayRef sizes, GradientMask mask,
                       std::vector<Leaf>* leaves);
  // Undefined: zero.
  at::Tensor Edge(const EdgePlan& edge, const EdgeOffsets& offsets, const at::Tensor& x);
  at::Tensor Run(const Recipe& recipe, const CandidateOffsets& offsets, const at::Tensor& x);
  at::Tensor Run(const Primitive& p, const Offsets& offsets, const std::vector<at::Tensor>& x);
  at::Tensor Relu(const at::Tensor& x);
  at::Tensor MaxPool(const Primitive& p, const at::Tensor& x);
  at::Tensor Filter(const Primitive& p, const Offsets& offsets, int64_t read);
  at::Tensor Norm(const Primitive& p, const Offsets& offsets, const at::Tensor& x);
  at::Tensor RunModule(const Primitive& p, const Offsets& offsets, const at::Tensor& x);

  const ForwardArgs<T>& args_;
  const ReferenceOptions& options_;
  int64_t edge_index_ = 0;
  DecisionKey here_;  // what runs now
};

}  // namespace ssnas

#endif  // SSNAS_ENGINE_REFERENCE_FORWARD_PASS_H_
