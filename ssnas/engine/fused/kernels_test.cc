// Every kernel on every instruction set of this machine against kernels_reference.h, over shapes.
// Run with --config=asan as well: arrays are exactly as long as the kernels may read.
#include "ssnas/engine/fused/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/each_target.h"
#include "ssnas/engine/fused/kernels_reference.h"

namespace ssnas::fused {
namespace {

std::vector<float> Draw(int64_t count, uint64_t seed) {
  Philox random({.seed = seed, .purpose = Purpose::kTest});
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.Uniform(-1, 1));
  return values;
}

// Any order of so many float additions; sums that are kept in double are no worse.
template <typename T>
void ExpectSums(const std::vector<T>& actual, const ReferenceSums& expected, int64_t terms) {
  std::vector<double> bounds;
  for (const double magnitude : expected.magnitudes) {
    bounds.push_back(ErrorBound(terms, magnitude, kFloatEpsilon));
  }
  EXPECT_EQ(Compare<T>(actual, expected.values, bounds), absl::OkStatus());
}

// Channels that fill a register, a part of one, several, and none evenly; widths around the tiles.
void ForShapes(const std::function<void(int64_t channels, int64_t width)>& body) {
  for (const int64_t channels : {1, 3, 4, 8, 12, 16, 20, 32, 36, 64}) {
    for (const int64_t width : {1, 2, 3, 5, 8, 13, 16, 33}) {
      SCOPED_TRACE(testing::Message() << channels << " channels, width " << width);
      ForEachTarget([&](const char* target) {
        SCOPED_TRACE(target);
        body(channels, width);
      });
    }
  }
}

TEST(SpreadTest, RepeatsAndFoldsChannels) {
  const std::vector<float> values = {1, 2, 3};
  ASSERT_EQ(SpreadSize(3), 48);
  EXPECT_EQ(SpreadSize(16), 16);
  EXPECT_EQ(SpreadSize(36), 144);
  std::vector<float> spread(48);
  Spread(values.data(), 3, spread.data());
  EXPECT_EQ(spread[0], 1);
  EXPECT_EQ(spread[47], 3);
  std::vector<double> sums(spread.begin(), spread.end()), folded = {100, 0, 0};
  Fold(sums.data(), 3, folded.data());
  EXPECT_EQ(folded, (std::vector<double>{116, 32, 48}));
}

struct Taps {
  std::vector<float> x, filters;
  std::vector<TapRun> runs;
};

constexpr int64_t kRows = 2;

// `count` filters, spread.
std::vector<float> DrawFilters(int64_t count, int64_t channels, uint64_t seed) {
  const int64_t v = SpreadSize(channels);
  const std::vector<float> values = Draw(count * channels, seed);
  std::vector<float> filters(count * v);
  for (int64_t i = 0; i < count; ++i) {
    Spread(values.data() + i * channels, channels, filters.data() + i * v);
  }
  return filters;
}

// Two filters of one row, forward (rising) and as the input gradient reads them (falling).
Taps DrawTaps(int64_t channels, int64_t width, int kernel, int dilation) {
  const int64_t v = SpreadSize(channels), reach = dilation * (kernel - 1);
  const int64_t pitch = (width + reach) * channels, step = dilation * channels;
  Taps taps{Draw((kRows + 1) * pitch, 1), DrawFilters(2 * kernel, channels, 2), {}};
  taps.runs.push_back({taps.x.data(), taps.filters.data(), kernel, step, v, pitch});
  taps.runs.push_back({taps.x.data() + pitch + reach * channels, taps.filters.data() + kernel * v,
                       kernel, -step, v, pitch});
  return taps;
}

// Rows of `count` out of rows of `pitch`; what lies between them must be untouched.
std::vector<float> Dense(const std::vector<float>& rows, int64_t count, int64_t pitch,
                         float between) {
  std::vector<float> dense;
  for (int64_t i = 0; i < static_cast<int64_t>(rows.size()); ++i) {
    if (i % pitch < count) {
      dense.push_back(rows[i]);
    } else {
      EXPECT_EQ(rows[i], between) << "at " << i;
    }
  }
  return dense;
}

TEST(TapKernelsTest, SumsOfTaps) {
  for (const int kernel : {1, 2, 3, 5, 7}) {
    for (const int dilation : {1, 2}) {
      ForShapes([&](int64_t channels, int64_t width) {
        const Taps taps = DrawTaps(channels, width, kernel, dilation);
        const int64_t v = SpreadSize(channels), count = width * channels, pitch = count + 3;
        const TapRows rows{channels, v, count, kRows, pitch};
        const int64_t size = (kRows - 1) * pitch + count;
        const ReferenceSums expected = ReferenceTapSum(taps.runs, rows);
        std::vector<float> y(size, 0.5F);
        TapSum(taps.runs.data(), 2, rows, y.data());
        ExpectSums(Dense(y, count, pitch, 0.5F), expected, 2 * kernel);
        const std::vector<float> gate = Draw(size, 3);
        ReferenceSums gated(kRows * count), shifted = expected;
        for (int64_t i = 0; i < kRows * count; ++i) {
          const bool open = gate[i / count * pitch + i % count] > 0;
          gated.values[i] = 0.5 + (open ? expected.values[i] : 0);
          shifted.values[i] += 0.5;
          gated.magnitudes[i] = shifted.magnitudes[i] = 0.5 + expected.magnitudes[i];
        }
        std::vector<float> sum(size, 0.5F), all(size, 0.5F);
        TapSumInto(taps.runs.data(), 2, rows, gate.data(), sum.data());
        ExpectSums(Dense(sum, count, pitch, 0.5F), gated, 2 * kernel + 1);
        TapSumInto(taps.runs.data(), 2, rows, nullptr, all.data());
        ExpectSums(Dense(all, count, pitch, 0.5F), shifted, 2 * kernel + 1);
      });
    }
  }
}

TEST(TapKernelsTest, GradientsOfFilters) {
  for (const int kernel : {1, 2, 3, 5, 7}) {
    for (const int dilation : {1, 2}) {
      ForShapes([&](int64_t channels, int64_t width) {
        const int64_t v = SpreadSize(channels), count = width * channels;
        const int64_t pitch = (width + dilation * (kernel - 1)) * channels;
        const TapRows rows{channels, v, count, 3, count + channels};
        const std::vector<float> x = Draw((rows.rows + kernel - 1) * pitch, 1);
        const std::vector<float> g = Draw((rows.rows - 1) * rows.pitch + count, 2);
        std::vector<float> sums(kernel * kernel * v, 0.0F);
        std::vector<FilterRun> runs;
        for (int i = 0; i < kernel; ++i) {
          runs.push_back({x.data() + i * pitch, sums.data() + i * kernel * v, kernel,
                          dilation * channels, v, pitch});
        }
        const ReferenceSums expected = ReferenceTapGradient(runs, rows, g.data());
        TapGradient(runs.data(), kernel, rows, g.data());
        // Which virtual channel of a channel a sum lands in is the kernel's business.
        const int64_t taps = kernel * kernel;
        std::vector<double> folded(taps * channels, 0.0);
        ReferenceSums wanted(taps * channels);
        for (int64_t t = 0; t < taps; ++t) {
          const std::vector<double> tap(sums.begin() + t * v, sums.begin() + (t + 1) * v);
          Fold(tap.data(), channels, folded.data() + t * channels);
          Fold(expected.values.data() + t * v, channels, wanted.values.data() + t * channels);
          Fold(expected.magnitudes.data() + t * v, channels,
               wanted.magnitudes.data() + t * channels);
        }
        ExpectSums(folded, wanted, rows.rows * width + 1);
      });
    }
  }
}

TEST(GemmKernelsTest, ProductsAndTheirGradients) {
  for (const int64_t n : {1, 3, 4, 7, 8, 12, 16, 31, 48, 64}) {
    for (const int64_t k : {1, 5, 8, 16, 32, 64}) {
      for (const int64_t m : {1, 3, 4, 8, 13, 32}) {
        SCOPED_TRACE(testing::Message() << m << " × " << k << " × " << n);
        const int64_t lda = k + (k % 2), ldc = n + 3;
        const std::vector<float> a = Draw((m - 1) * lda + k, 1), b = Draw(k * PackedColumns(n), 2);
        const std::vector<float> g = Draw((m - 1) * ldc + n, 3);
        const ReferenceSums product = ReferenceGemm(a.data(), lda, m, k, b.data(), n);
        const ReferenceSums gradient = ReferenceGemmGradient(a.data(), lda, g.data(), ldc, m, k, n);
        ForEachTarget([&](const char* target) {
          SCOPED_TRACE(target);
          std::vector<float> c((m - 1) * ldc + n, 7.0F), dense;
          Gemm(a.data(), lda, m, k, b.data(), n, c.data(), ldc);
          for (int64_t i = 0; i < static_cast<int64_t>(c.size()); ++i) {
            if (i % ldc < n) {
              dense.push_back(c[i]);
            } else {
              EXPECT_EQ(c[i], 7.0F) << "wrote beside its columns";
            }
          }
          ExpectSums(dense, product, k);
          std::vector<float> sums(k * PackedColumns(n), 0.0F);
          GemmGradient(a.data(), lda, g.data(), ldc, m, k, n, sums.data());
          ExpectSums(sums, gradient, m + 1);
        });
      }
    }
  }
}

TEST(NormKernelsTest, SumsAndFactors) {
  ForShapes([&](int64_t channels, int64_t width) {
    const int64_t v = SpreadSize(channels), count = width * channels;
    const std::vector<float> x = Draw(count, 1), g = Draw(count, 2);
    const std::vector<float> scale = Draw(v, 3), shift = Draw(v, 4), center = Draw(v, 5);
    std::vector<double> sums(2 * v, 0.0);
    Moments(x.data(), center.data(), v, count, sums.data());
    const std::vector<float> ones(count, 1.0F);
    std::vector<float> distance(count);
    for (int64_t i = 0; i < count; ++i) distance[i] = x[i] - center[i % v];
    const auto half = [&](int part) {
      return std::vector<double>(sums.begin() + part * v, sums.begin() + (part + 1) * v);
    };
    ExpectSums(half(0), ReferenceProducts(ones.data(), x.data(), center.data(), v, count), width);
    ExpectSums(half(1), ReferenceProducts(distance.data(), x.data(), center.data(), v, count),
               width);
    std::vector<double> some(v, 0.0);
    ChannelSums(g.data(), v, count, some.data());
    ExpectSums(some, ReferenceProducts(g.data(), ones.data(), nullptr, v, count), width);
    some.assign(v, 0.0);
    ChannelProducts(g.data(), x.data(), center.data(), v, count, some.data());
    ExpectSums(some, ReferenceProducts(g.data(), x.data(), center.data(), v, count), width);

    std::vector<float> y(count), plain(count);
    Activate(x.data(), scale.data(), shift.data(), true, v, count, y.data());
    Activate(x.data(), nullptr, nullptr, false, v, count, plain.data());
    EXPECT_EQ(plain, x);
    ReferenceSums face = ReferenceLinearSum({{x.data(), scale.data()}}, shift.data(), v, count);
    for (double& value : face.values) value = std::max(value, 0.0);
    ExpectSums(y, face, 2);

    std::vector<float> gradient = g;
    sums.assign(2 * v, 0.0);
    GateGradient(x.data(), scale.data(), shift.data(), center.data(), v, count, gradient.data(),
                 sums.data());
    for (int64_t i = 0; i < count; ++i) EXPECT_EQ(gradient[i], y[i] > 0 ? g[i] : 0) << i;
    ExpectSums(half(0), ReferenceProducts(gradient.data(), ones.data(), nullptr, v, count), width);
    ExpectSums(half(1), ReferenceProducts(gradient.data(), x.data(), center.data(), v, count),
               width);
  });
}

TEST(NormKernelsTest, LinearSums) {
  ForShapes([&](int64_t channels, int64_t width) {
    const int64_t v = SpreadSize(channels), count = width * channels;
    std::vector<std::vector<float>> sources, factors;
    std::vector<Term> terms;
    for (int t = 0; t < kMaxTerms; ++t) {
      sources.push_back(Draw(count, 2 * t));
      factors.push_back(Draw(v, 2 * t + 1));
      terms.push_back({sources.back().data(), factors.back().data()});
      const ReferenceSums expected = ReferenceLinearSum(terms, factors[0].data(), v, count);
      std::vector<float> y(count, 9.0F);
      LinearSum(terms.data(), t + 1, factors[0].data(), false, v, count, y.data());
      ExpectSums(y, expected, t + 2);
      ReferenceSums twice = expected;
      for (int64_t i = 0; i < count; ++i) {
        twice.values[i] = y[i] + ReferenceLinearSum(terms, nullptr, v, i + 1).values[i];
        twice.magnitudes[i] *= 2;
        if (i > 40) break;  // Quadratic.
      }
      LinearSum(terms.data(), t + 1, nullptr, true, v, count, y.data());
      const int64_t checked = std::min<int64_t>(count, 41);
      y.resize(checked);
      twice.values.resize(checked);
      twice.magnitudes.resize(checked);
      ExpectSums(y, twice, 2 * t + 4);
    }
  });
}

TEST(PixelKernelsTest, CopiesAndAdditions) {
  ForShapes([](int64_t channels, int64_t pixels) {
    const int64_t from_step = channels + 5, to_step = channels + 3;
    const std::vector<float> from = Draw((pixels - 1) * from_step + channels, 1);
    const std::vector<float> before = Draw((pixels - 1) * to_step + channels, 2);
    std::vector<float> copied = before, added = before;
    CopyPixels({from.data(), from_step}, pixels, channels, copied.data(), to_step);
    AddPixels({from.data(), from_step}, pixels, channels, added.data(), to_step);
    for (int64_t i = 0; i < static_cast<int64_t>(before.size()); ++i) {
      const int64_t pixel = i / to_step, channel = i % to_step;
      if (channel >= channels) {  // between two pixels
        EXPECT_EQ(copied[i], before[i]) << i;
        EXPECT_EQ(added[i], before[i]) << i;
        continue;
      }
      const float value = from[pixel * from_step + channel];
      EXPECT_EQ(copied[i], value) << i;
      EXPECT_EQ(added[i], before[i] + value) << i;
    }
  });
}

TEST(PoolKernelsTest, PoolsAndTheirGradients) {
  for (const PoolShape& shape :
       {PoolShape{8, 8, 16}, PoolShape{2, 3, 8}, PoolShape{4, 1, 12}, PoolShape{3, 2, 32},
        PoolShape{5, 7, 3}, PoolShape{9, 6, 20, 3, 2, 1}, PoolShape{1, 1, 4},
        PoolShape{8, 8, 5, 5, 3, 0}, PoolShape{6, 4, 36, 3, 1, 0}}) {
    const int64_t in = shape.height * shape.width * shape.channels;
    const int64_t out = shape.out_height() * shape.out_width() * shape.channels;
    SCOPED_TRACE(testing::Message() << shape.height << "×" << shape.width << "×" << shape.channels);
    std::vector<float> x = Draw(in, 1);
    // Ties: the first of equals wins.
    for (int64_t i = 0; i < in; i += 3) x[i] = 0.5F;
    const std::vector<float> dy = Draw(out, 2);
    const int64_t taps = int64_t{shape.kernel} * shape.kernel;
    ForEachTarget([&](const char* target) {
      SCOPED_TRACE(target);
      std::vector<float> y(out), dx(in, 0.0F);
      MaxPool(x.data(), shape, y.data());
      ExpectSums(y, ReferencePool(x.data(), shape, true), 0);
      MaxPoolGradient(x.data(), dy.data(), shape, dx.data());
      ExpectSums(dx, ReferencePoolGradient(x.data(), dy.data(), shape, true), taps);
      AveragePool(x.data(), shape, y.data());
      ExpectSums(y, ReferencePool(x.data(), shape, false), taps + 2);
      dx.assign(in, 0.0F);
      AveragePoolGradient(dy.data(), shape, dx.data());
      ExpectSums(dx, ReferencePoolGradient(x.data(), dy.data(), shape, false), taps + 2);
    });
  }
}

}  // namespace
}  // namespace ssnas::fused
