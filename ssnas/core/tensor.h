// Shapes and non-owning views of activations: NHWC, dense, channels fastest.
//
// Everything between data, cell engines and objectives is a plain pointer with a shape, so that
// the core, the networks and the trainers need no tensor library; engines wrap the memory as they
// like.
#ifndef SSNAS_CORE_TENSOR_H_
#define SSNAS_CORE_TENSOR_H_

#include <cstdint>

namespace ssnas {

// Images n, rows h, columns w, channels c.
struct Shape4 {
  int64_t n = 0, h = 0, w = 0, c = 0;

  int64_t count() const { return n * h * w * c; }
  bool operator==(const Shape4&) const = default;
};

// `data` has shape.count() elements; element (n, h, w, c) is data[((n·H + h)·W + w)·C + c].
template <typename T>
struct View4 {
  T* data = nullptr;
  Shape4 shape;

  operator View4<const T>() const { return {data, shape}; }  // NOLINT: views convert freely.
};

}  // namespace ssnas

#endif  // SSNAS_CORE_TENSOR_H_
