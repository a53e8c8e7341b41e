// Parameters as one flat buffer with named views.
//
// Optimisers, clipping and checkpoints work on the buffer; networks and objectives find their
// tensors by name. Initial values are keyed by the tensor's name, never by the order in which
// tensors were made, so that adding a tensor changes no other.
#ifndef SSNAS_CORE_PARAMETERS_H_
#define SSNAS_CORE_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

enum class Init {
  kZeros,
  kOnes,
  // U(−1/√fan_in, 1/√fan_in): what PyTorch gives convolutions, linear layers and their biases.
  kUniformFanIn,
};

struct ParameterSpec {
  std::string name;            // "cells.0.edge_0_2.sep_conv_3x3.pointwise1.weight"
  std::vector<int64_t> shape;  // convolutions: out × in/groups × k × k, as in PyTorch
  Init init = Init::kZeros;
  int64_t fan_in = 1;

  int64_t count() const;
};

// Where each tensor lies in the flat buffer: in the order of Add, without gaps.
class ParameterLayout {
 public:
  // Names are unique (a duplicate is a broken invariant and aborts). Returns the tensor's offset.
  int64_t Add(ParameterSpec spec);

  const std::vector<ParameterSpec>& specs() const { return specs_; }
  int64_t offset(int index) const { return offsets_[index]; }
  // Elements of the whole buffer.
  int64_t size() const { return size_; }
  // Offset of `name`; NotFound names it.
  absl::StatusOr<int64_t> Find(absl::string_view name) const;

 private:
  std::vector<ParameterSpec> specs_;
  std::vector<int64_t> offsets_;
  absl::flat_hash_map<std::string, int> index_;
  int64_t size_ = 0;
};

// The initial values of every tensor of `layout` (float64 draws, rounded to T).
template <typename T>
std::vector<T> InitialValues(const ParameterLayout& layout, uint64_t seed);

}  // namespace ssnas

#endif  // SSNAS_CORE_PARAMETERS_H_
