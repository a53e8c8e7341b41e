// The numbers that an engine multiplies in the pointwise stages of a block: the matrices of
// convolutions with a kernel of 1, forward and for the gradient of their inputs.
//
// kBf16 rounds both operands of these products to 8 significant bits and adds up in float32: other
// results, so never what an engine does by itself. Weight gradients, depthwise filters, norms and
// dense convolutions (the stem) stay float32.
#ifndef SSNAS_ENGINE_POINTWISE_H_
#define SSNAS_ENGINE_POINTWISE_H_

#include <optional>
#include <string>

namespace ssnas {

enum class Pointwise { kFloat32, kBf16 };

// "float32", "bf16".
inline std::string PointwiseName(Pointwise pointwise) {
  return pointwise == Pointwise::kBf16 ? "bf16" : "float32";
}

// Of such a name; none where no mode has it.
inline std::optional<Pointwise> PointwiseByName(const std::string& name) {
  for (const Pointwise pointwise : {Pointwise::kFloat32, Pointwise::kBf16}) {
    if (PointwiseName(pointwise) == name) return pointwise;
  }
  return std::nullopt;
}

}  // namespace ssnas

#endif  // SSNAS_ENGINE_POINTWISE_H_
