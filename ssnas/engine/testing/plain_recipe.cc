#include "ssnas/engine/testing/plain_recipe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

struct Value {
  Shape4 shape;
  std::vector<double> data;

  explicit Value(const Shape4& s) : shape(s), data(s.count(), 0.0) {}
  double& at(int64_t n, int64_t h, int64_t w, int64_t c) {
    return data[((n * shape.h + h) * shape.w + w) * shape.c + c];
  }
  double at(int64_t n, int64_t h, int64_t w, int64_t c) const {
    return const_cast<Value*>(this)->at(n, h, w, c);
  }
  bool Has(int64_t h, int64_t w) const { return h >= 0 && h < shape.h && w >= 0 && w < shape.w; }
};

// Calls body(n, h, w, c) for every element of a value of this shape.
template <typename Body>
void ForEach(const Shape4& s, Body body) {
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t h = 0; h < s.h; ++h)
      for (int64_t w = 0; w < s.w; ++w)
        for (int64_t c = 0; c < s.c; ++c) body(n, h, w, c);
}

// Calls body(i, j, row, column) for every tap of the window at (h, w) that lies inside x.
template <typename Body>
void ForEachTap(const Primitive& p, const Value& x, int64_t h, int64_t w, Body body) {
  for (int i = 0; i < p.kernel; ++i) {
    for (int j = 0; j < p.kernel; ++j) {
      const int64_t row = h * p.stride - p.padding + i * p.dilation;
      const int64_t column = w * p.stride - p.padding + j * p.dilation;
      if (x.Has(row, column)) body(i, j, row, column);
    }
  }
}

const double* Find(const NamedValues& values, const std::string& name) {
  const absl::StatusOr<int64_t> offset = values.layout.Find(name);
  CHECK(offset.ok()) << offset.status();
  return values.values.data() + *offset;
}

void Convolve(const Primitive& p, const Value& x, const double* weight, Value* y) {
  const bool depthwise = p.kind == PrimitiveKind::kDepthwise;
  const int64_t read = depthwise ? 1 : x.shape.c;
  ForEach(y->shape, [&](int64_t n, int64_t h, int64_t w, int64_t out) {
    double sum = 0;
    ForEachTap(p, x, h, w, [&](int i, int j, int64_t row, int64_t column) {
      for (int64_t in = 0; in < read; ++in) {
        sum += weight[((out * read + in) * p.kernel + i) * p.kernel + j] *
               x.at(n, row, column, depthwise ? out : in);
      }
    });
    y->at(n, h, w, out) = sum;
  });
}

void Pool(const Primitive& p, const Value& x, Value* y) {
  ForEach(y->shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    int taps = 0;
    ForEachTap(p, x, h, w, [&](int, int, int64_t row, int64_t column) {
      largest = std::max(largest, x.at(n, row, column, c));
      sum += x.at(n, row, column, c);
      ++taps;
    });
    y->at(n, h, w, c) = p.kind == PrimitiveKind::kMaxPool ? largest : sum / taps;
  });
}

void Normalise(const Value& x, const double* scale, const double* shift, const double* mean,
               const double* variance, Value* y) {
  ForEach({1, 1, 1, x.shape.c}, [&](int64_t, int64_t, int64_t, int64_t c) {
    double m = 0, v = 0;
    const Shape4 one{x.shape.n, x.shape.h, x.shape.w, 1};
    const double count = static_cast<double>(one.count());
    if (mean != nullptr) {
      m = mean[c];
      v = variance[c];
    } else {
      ForEach(one, [&](int64_t n, int64_t h, int64_t w, int64_t) { m += x.at(n, h, w, c) / count; });
      ForEach(one, [&](int64_t n, int64_t h, int64_t w, int64_t) {
        const double d = x.at(n, h, w, c) - m;
        v += d * d / count;
      });
    }
    const double gain = (scale != nullptr ? scale[c] : 1) / std::sqrt(v + 1e-5);
    ForEach(one, [&](int64_t n, int64_t h, int64_t w, int64_t) {
      y->at(n, h, w, c) = (x.at(n, h, w, c) - m) * gain + (shift != nullptr ? shift[c] : 0);
    });
  });
}

void Concatenate(const std::vector<const Value*>& parts, Value* y) {
  int64_t first = 0;
  for (const Value* part : parts) {
    ForEach(part->shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
      y->at(n, h, w, first + c) = part->at(n, h, w, c);
    });
    first += part->shape.c;
  }
}

}  // namespace

std::vector<double> RunPlainly(const Recipe& recipe, const Shape4& shape,
                               const std::vector<double>& x, const std::string& prefix,
                               const NamedValues& weights, const NamedValues& running_statistics,
                               NormMode mode) {
  const absl::StatusOr<std::vector<Shape4>> shapes = recipe.Shapes(shape);
  CHECK(shapes.ok()) << shapes.status();
  std::vector<Value> values = {Value(shape)};
  values[0].data = x;
  for (size_t i = 1; i < shapes->size(); ++i) {
    const Primitive& p = recipe.primitives()[i];
    const Value& in = values[p.inputs[0]];
    const std::string name = prefix + p.name;
    const bool running = mode == NormMode::kRunning;
    Value y((*shapes)[i]);
    switch (p.kind) {
      case PrimitiveKind::kInput:
      case PrimitiveKind::kIdentity: y.data = in.data; break;
      case PrimitiveKind::kZero: break;
      case PrimitiveKind::kRelu:
        for (size_t j = 0; j < y.data.size(); ++j) y.data[j] = std::max(in.data[j], 0.0);
        break;
      case PrimitiveKind::kShift:
        ForEach(y.shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
          if (in.Has(h + 1, w + 1)) y.at(n, h, w, c) = in.at(n, h + 1, w + 1, c);
        });
        break;
      case PrimitiveKind::kDepthwise:
      case PrimitiveKind::kPointwise:
      case PrimitiveKind::kConv: Convolve(p, in, Find(weights, name + ".weight"), &y); break;
      case PrimitiveKind::kBatchNorm:
        Normalise(in, p.affine ? Find(weights, name + ".weight") : nullptr,
                  p.affine ? Find(weights, name + ".bias") : nullptr,
                  running ? Find(running_statistics, name + ".running_mean") : nullptr,
                  running ? Find(running_statistics, name + ".running_var") : nullptr, &y);
        break;
      case PrimitiveKind::kMaxPool:
      case PrimitiveKind::kAvgPool: Pool(p, in, &y); break;
      case PrimitiveKind::kConcat: {
        std::vector<const Value*> parts;
        for (const int input : p.inputs) parts.push_back(&values[input]);
        Concatenate(parts, &y);
        break;
      }
    }
    values.push_back(std::move(y));
  }
  return values[recipe.output()].data;
}

}  // namespace ssnas
