#include "ssnas/engine/testing/plain_block.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "ssnas/core/logging.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

constexpr double kNormEpsilon = 1e-5;

struct Value {
  Shape4 shape;
  std::vector<double> data;
  std::vector<double> bounds;

  explicit Value(const Shape4& s) : shape(s), data(s.count(), 0.0), bounds(s.count(), 0.0) {}
  int64_t index(int64_t n, int64_t h, int64_t w, int64_t c) const {
    return ((n * shape.h + h) * shape.w + w) * shape.c + c;
  }
  bool Has(int64_t h, int64_t w) const { return h >= 0 && h < shape.h && w >= 0 && w < shape.w; }
};

// Calls body(n, h, w, c) for every element of a value of this shape.
template <typename Body>
void ForEach(const Shape4& s, Body body) {
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t h = 0; h < s.h; ++h) {
      for (int64_t w = 0; w < s.w; ++w) {
        for (int64_t c = 0; c < s.c; ++c) body(n, h, w, c);
      }
    }
  }
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

// Parameters by name, for one block.
class Tensors {
 public:
  Tensors(const BlockPlan& plan, const BlockData& data) : data_(data) {
    plan.AddParameters(&weights_, &statistics_);
  }
  const double* Weights(const std::string& name) const { return At(weights_, data_.weights, name); }
  const double* Statistics(const std::string& name) const {
    return At(statistics_, data_.running_statistics, name);
  }

 private:
  static const double* At(const ParameterLayout& layout, const std::vector<double>& values,
                          const std::string& name) {
    const absl::StatusOr<int64_t> offset = layout.Find(name);
    CHECK(offset.ok()) << offset.status();
    return values.data() + *offset;
  }
  const BlockData& data_;
  ParameterLayout weights_;
  ParameterLayout statistics_;
};

void Convolve(const Primitive& p, const Value& x, const double* weight, double epsilon, Value* y) {
  const bool depthwise = p.kind == PrimitiveKind::kDepthwise;
  const int64_t read = depthwise ? 1 : x.shape.c;
  const int64_t terms = read * p.kernel * p.kernel;
  ForEach(y->shape, [&](int64_t n, int64_t h, int64_t w, int64_t out) {
    double sum = 0, magnitudes = 0, inherited = 0;
    ForEachTap(p, x, h, w, [&](int i, int j, int64_t row, int64_t column) {
      for (int64_t in = 0; in < read; ++in) {
        const double factor = weight[((out * read + in) * p.kernel + i) * p.kernel + j];
        const int64_t k = x.index(n, row, column, depthwise ? out : in);
        sum += factor * x.data[k];
        magnitudes += std::abs(factor * x.data[k]);
        inherited += std::abs(factor) * x.bounds[k];
      }
    });
    const int64_t k = y->index(n, h, w, out);
    y->data[k] = sum;
    y->bounds[k] = inherited + ErrorBound(terms, magnitudes + inherited, epsilon);
  });
}

void Pool(const Primitive& p, const Value& x, double epsilon, Value* y) {
  const bool max = p.kind == PrimitiveKind::kMaxPool;
  ForEach(y->shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
    double largest = -std::numeric_limits<double>::infinity(), largest_bound = 0;
    double sum = 0, magnitudes = 0, inherited = 0;
    int taps = 0;
    ForEachTap(p, x, h, w, [&](int, int, int64_t row, int64_t column) {
      const int64_t k = x.index(n, row, column, c);
      largest = std::max(largest, x.data[k]);
      largest_bound = std::max(largest_bound, x.bounds[k]);
      sum += x.data[k];
      magnitudes += std::abs(x.data[k]);
      inherited += x.bounds[k];
      ++taps;
    });
    const int64_t k = y->index(n, h, w, c);
    y->data[k] = max ? largest : sum / taps;
    y->bounds[k] = max ? largest_bound
                       : (inherited + ErrorBound(taps + 1, magnitudes + inherited, epsilon)) / taps;
  });
}

struct Moments {
  double mean = 0, variance = 0;
  double mean_bound = 0, variance_bound = 0;
};

Moments BatchMoments(const Value& x, int64_t c, double epsilon) {
  const Shape4 one{x.shape.n, x.shape.h, x.shape.w, 1};
  const double count = static_cast<double>(one.count());
  Moments m;
  double magnitude = 0, inherited = 0;
  ForEach(one, [&](int64_t n, int64_t h, int64_t w, int64_t) {
    const int64_t k = x.index(n, h, w, c);
    m.mean += x.data[k] / count;
    magnitude += std::abs(x.data[k]) / count;
    inherited += x.bounds[k] / count;
  });
  m.mean_bound = inherited + ErrorBound(one.count(), magnitude + inherited, epsilon);
  ForEach(one, [&](int64_t n, int64_t h, int64_t w, int64_t) {
    const int64_t k = x.index(n, h, w, c);
    const double distance = x.data[k] - m.mean;
    const double error = x.bounds[k] + m.mean_bound;
    m.variance += distance * distance / count;
    m.variance_bound += (2 * std::abs(distance) * error + error * error) / count;
  });
  m.variance_bound += ErrorBound(one.count() + 4, m.variance + m.variance_bound, epsilon);
  return m;
}

void Normalise(const Primitive& p, const std::string& name, const Value& x, const Tensors& tensors,
               NormMode norm, double epsilon, Value* y) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (int64_t c = 0; c < x.shape.c; ++c) {
    Moments m;
    if (norm == NormMode::kRunning) {
      m.mean = tensors.Statistics(name + ".running_mean")[c];
      m.variance = tensors.Statistics(name + ".running_var")[c];
    } else {
      m = BatchMoments(x, c, epsilon);
    }
    const double scale = p.affine ? tensors.Weights(name + ".weight")[c] : 1;
    const double shift = p.affine ? tensors.Weights(name + ".bias")[c] : 0;
    const double gain = scale / std::sqrt(m.variance + kNormEpsilon);
    const double least = m.variance + kNormEpsilon - m.variance_bound;
    const double largest_gain = least > 0 ? std::abs(scale) / std::sqrt(least) : infinity;
    ForEach({x.shape.n, x.shape.h, x.shape.w, 1}, [&](int64_t n, int64_t h, int64_t w, int64_t) {
      const int64_t k = x.index(n, h, w, c);
      const double distance = x.data[k] - m.mean;
      const double magnitude =
          (std::abs(x.data[k]) + std::abs(m.mean)) * largest_gain + std::abs(shift);
      y->data[k] = distance * gain + shift;
      // Of a spread that rounding alone may have made, nothing is known.
      y->bounds[k] = least > 0 ? std::abs(distance) * (largest_gain - std::abs(gain)) +
                                     (x.bounds[k] + m.mean_bound) * largest_gain +
                                     ErrorBound(6, magnitude, epsilon)
                               : infinity;
    });
  }
}

void Concatenate(const std::vector<const Value*>& parts, Value* y) {
  int64_t first = 0;
  for (const Value* part : parts) {
    ForEach(part->shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
      y->data[y->index(n, h, w, first + c)] = part->data[part->index(n, h, w, c)];
      y->bounds[y->index(n, h, w, first + c)] = part->bounds[part->index(n, h, w, c)];
    });
    first += part->shape.c;
  }
}

void Shift(const Value& x, Value* y) {
  ForEach(y->shape, [&](int64_t n, int64_t h, int64_t w, int64_t c) {
    if (!x.Has(h + 1, w + 1)) return;
    y->data[y->index(n, h, w, c)] = x.data[x.index(n, h + 1, w + 1, c)];
    y->bounds[y->index(n, h, w, c)] = x.bounds[x.index(n, h + 1, w + 1, c)];
  });
}

Value RunRecipe(const Recipe& recipe, const Value& x, const std::string& prefix,
                const Tensors& tensors, NormMode norm, double epsilon) {
  const std::vector<Shape4> shapes = recipe.Shapes(x.shape).value();
  std::vector<Value> values = {x};
  for (size_t i = 1; i < shapes.size(); ++i) {
    const Primitive& p = recipe.primitives()[i];
    const Value& in = values[p.inputs[0]];
    const std::string name = prefix + p.name;
    Value y(shapes[i]);
    switch (p.kind) {
      case PrimitiveKind::kInput:
      case PrimitiveKind::kIdentity:
        y = in;
        break;
      case PrimitiveKind::kZero:
        break;
      case PrimitiveKind::kRelu:
        y = in;
        for (double& value : y.data) value = std::max(value, 0.0);
        break;
      case PrimitiveKind::kShift:
        Shift(in, &y);
        break;
      case PrimitiveKind::kDepthwise:
      case PrimitiveKind::kPointwise:
      case PrimitiveKind::kConv:
        Convolve(p, in, tensors.Weights(name + ".weight"), epsilon, &y);
        break;
      case PrimitiveKind::kBatchNorm:
        Normalise(p, name, in, tensors, norm, epsilon, &y);
        break;
      case PrimitiveKind::kMaxPool:
      case PrimitiveKind::kAvgPool:
        Pool(p, in, epsilon, &y);
        break;
      case PrimitiveKind::kConcat: {
        std::vector<const Value*> parts;
        for (const int input : p.inputs) parts.push_back(&values[input]);
        Concatenate(parts, &y);
        break;
      }
      case PrimitiveKind::kModule:
        LOG(FATAL) << "plain loops do not know what module " << name << " computes";
    }
    values.push_back(std::move(y));
  }
  return values[recipe.output()];
}

// sum += factor·y, rounded twice.
void AddScaled(const Value& y, const std::vector<double>& image_factors, double epsilon,
               Value* sum) {
  const int64_t image = y.shape.count() / y.shape.n;
  for (size_t k = 0; k < y.data.size(); ++k) {
    const double factor = image_factors[k / image];
    sum->data[k] += factor * y.data[k];
    if (factor == 0) continue;  // also of what may be anything
    sum->bounds[k] += std::abs(factor) * y.bounds[k];
    sum->bounds[k] += ErrorBound(
        2, std::abs(sum->data[k]) + std::abs(factor * y.data[k]) + sum->bounds[k], epsilon);
  }
}

}  // namespace

PlainOutput RunPlainly(const BlockPlan& plan, const BlockData& data, NormMode norm,
                       double epsilon) {
  const std::vector<Shape4> shapes = plan.Shapes(data.input_shapes).value();
  const Tensors tensors(plan, data);
  std::vector<Value> states;
  for (int i = 0; i < plan.inputs; ++i) {
    states.emplace_back(shapes[i]);
    states.back().data = data.inputs[i];
  }
  const int64_t images = shapes[0].n;
  int64_t edge_index = 0;
  for (int n = 0; n < static_cast<int>(plan.nodes.size()); ++n) {
    Value node(shapes[states.size()]);
    for (int e = 0; e < static_cast<int>(plan.nodes[n].edges.size()); ++e, ++edge_index) {
      const EdgePlan& edge = plan.nodes[n].edges[e];
      Value sum(node.shape);
      const int candidates = static_cast<int>(edge.candidates.size());
      for (int c = 0; c < candidates; ++c) {
        const Value y = RunRecipe(edge.candidates[c].recipe, states[edge.from],
                                  plan.CandidatePrefix(n, e, c), tensors, norm, epsilon);
        const double share =
            edge.mixture_row < 0 ? 1 : data.mixture[edge.mixture_row * candidates + c];
        AddScaled(y, std::vector<double>(images, share), epsilon, &sum);
      }
      std::vector<double> kept(images, 1.0);
      if (edge.drop_path && !data.drop_path.empty()) {
        const auto first = data.drop_path.begin() + edge_index * images;
        kept.assign(first, first + images);
      }
      AddScaled(sum, kept, epsilon, &node);
    }
    states.push_back(std::move(node));
  }
  Value output(shapes.back());
  std::vector<const Value*> parts;
  for (const int state : plan.concat) parts.push_back(&states[state]);
  Concatenate(parts, &output);
  return {std::move(output.data), std::move(output.bounds)};
}

}  // namespace ssnas
