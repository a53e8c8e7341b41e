#include "ssnas/engine/fused/kernels_reference.h"

#include <cmath>
#include <cstddef>
#include <limits>

namespace ssnas::fused {
namespace {

// Calls body(output, input) for the pixels inside each window, channel by channel, row by row.
template <typename Body>
void ForTaps(const PoolShape& s, int64_t h, int64_t w, int64_t c, const Body& body) {
  for (int64_t i = 0; i < s.kernel; ++i) {
    for (int64_t j = 0; j < s.kernel; ++j) {
      const int64_t row = h * s.stride - s.padding + i, column = w * s.stride - s.padding + j;
      if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
      body((row * s.width + column) * s.channels + c);
    }
  }
}

// Calls body(output, taps inside, index of the first largest of x) for every output.
template <typename Body>
void ForOutputs(const PoolShape& s, const float* x, const Body& body) {
  for (int64_t h = 0; h < s.out_height(); ++h) {
    for (int64_t w = 0; w < s.out_width(); ++w) {
      for (int64_t c = 0; c < s.channels; ++c) {
        int64_t taps = 0, winner = -1;
        float best = -std::numeric_limits<float>::infinity();
        ForTaps(s, h, w, c, [&](int64_t from) {
          ++taps;
          if (x != nullptr && x[from] > best) best = x[from], winner = from;
        });
        body(h, w, c, (h * s.out_width() + w) * s.channels + c, taps, winner);
      }
    }
  }
}

float ToBf16(float value) {
  int exponent = 0;
  const float mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8);
}

}  // namespace

ReferenceSums ReferenceTapSum(const std::vector<TapRun>& runs, const TapRows& rows) {
  ReferenceSums sums(rows.rows * rows.count);
  for (const TapRun& run : runs) {
    for (int t = 0; t < run.count; ++t) {
      for (int64_t i = 0; i < rows.rows * rows.count; ++i) {
        const int64_t row = i / rows.count, column = i % rows.count;
        sums.Add(i, double{run.source[row * run.pitch + t * run.step + column]} *
                        run.filter[t * run.filter_step + column % rows.v]);
      }
    }
  }
  return sums;
}

ReferenceSums ReferenceTapGradient(const std::vector<FilterRun>& runs, const TapRows& rows,
                                   const float* gradient) {
  int64_t taps = 0;
  for (const FilterRun& run : runs) taps += run.count;
  ReferenceSums sums(taps * rows.v);
  int64_t first = 0;
  for (const FilterRun& run : runs) {
    for (int t = 0; t < run.count; ++t, first += rows.v) {
      for (int64_t row = 0; row < rows.rows; ++row) {
        for (int64_t i = 0; i < rows.count; ++i) {
          sums.Add(first + i % rows.v, double{run.source[row * run.pitch + t * run.step + i]} *
                                           gradient[row * rows.pitch + i]);
        }
      }
    }
  }
  return sums;
}

ReferenceSums ReferenceGemm(const float* a, int64_t lda, int64_t m, int64_t k, const float* b,
                            int64_t n) {
  ReferenceSums sums(m * n);
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t column = 0; column < n; ++column) {
      for (int64_t i = 0; i < k; ++i) {
        sums.Add(row * n + column, double{a[row * lda + i]} * b[i * PackedColumns(n) + column]);
      }
    }
  }
  return sums;
}

ReferenceSums ReferenceGemmBf16(const float* a, int64_t lda, int64_t m, int64_t k, const float* b,
                                int64_t n) {
  std::vector<float> left(m * k), right(b, b + k * PackedColumns(n));
  for (int64_t i = 0; i < m * k; ++i) left[i] = ToBf16(a[i / k * lda + i % k]);
  for (float& value : right) value = ToBf16(value);
  return ReferenceGemm(left.data(), k, m, k, right.data(), n);
}

ReferenceSums ReferenceGemmGradient(const float* a, int64_t lda, const float* g, int64_t ldg,
                                    int64_t m, int64_t k, int64_t n) {
  ReferenceSums sums(k * PackedColumns(n));
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t column = 0; column < n; ++column) {
        sums.Add(i * PackedColumns(n) + column, double{a[row * lda + i]} * g[row * ldg + column]);
      }
    }
  }
  return sums;
}

ReferenceSums ReferenceLinearSum(const std::vector<Term>& terms, const float* constant, int64_t v,
                                 int64_t count) {
  ReferenceSums sums(count);
  for (int64_t i = 0; i < count; ++i) {
    if (constant != nullptr) sums.Add(i, constant[i % v]);
    for (const Term& term : terms) sums.Add(i, double{term.source[i]} * term.factor[i % v]);
  }
  return sums;
}

ReferenceSums ReferenceProducts(const float* g, const float* z, const float* center, int64_t v,
                                int64_t count) {
  ReferenceSums sums(v);
  for (int64_t i = 0; i < count; ++i) {
    // The difference is rounded before it is multiplied.
    const float distance = center == nullptr ? z[i] : z[i] - center[i % v];
    sums.Add(i % v, double{g[i]} * distance);
  }
  return sums;
}

ReferenceSums ReferencePool(const float* x, const PoolShape& shape, bool maximum) {
  ReferenceSums sums(shape.out_height() * shape.out_width() * shape.channels);
  ForOutputs(shape, x,
             [&](int64_t h, int64_t w, int64_t c, int64_t to, int64_t taps, int64_t best) {
               if (maximum) return sums.Add(to, x[best]);
               ForTaps(shape, h, w, c, [&](int64_t from) { sums.Add(to, double{x[from]} / taps); });
             });
  return sums;
}

ReferenceSums ReferencePoolGradient(const float* x, const float* dy, const PoolShape& shape,
                                    bool maximum) {
  ReferenceSums sums(shape.height * shape.width * shape.channels);
  ForOutputs(
      shape, x, [&](int64_t h, int64_t w, int64_t c, int64_t to, int64_t taps, int64_t best) {
        if (maximum) return sums.Add(best, dy[to]);
        ForTaps(shape, h, w, c, [&](int64_t from) { sums.Add(from, double{dy[to]} / taps); });
      });
  return sums;
}

}  // namespace ssnas::fused
