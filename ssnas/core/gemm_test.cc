#include "ssnas/core/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "ssnas/core/gemm_kernels.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

template <typename T>
std::vector<T> Random(int64_t count, uint64_t seed) {
  Philox random({.seed = seed});
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(random.Normal());
  return values;
}

// rows × columns → columns × rows
template <typename T>
std::vector<T> Transpose(const std::vector<T>& matrix, int64_t rows, int64_t columns) {
  std::vector<T> transposed(matrix.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) transposed[j * rows + i] = matrix[i * columns + j];
  }
  return transposed;
}

// c += a · b by the definition, and how far any order of rounded sums may be off, an element.
struct Expected {
  std::vector<double> values, bounds;
};

template <typename T>
Expected ByDefinition(int64_t m, int64_t n, int64_t k, const std::vector<T>& a,
                      const std::vector<T>& b, const std::vector<T>& c) {
  Expected expected;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = c[i * n + j], magnitudes = std::abs(sum);
      for (int64_t l = 0; l < k; ++l) {
        sum += double{a[i * k + l]} * b[l * n + j];
        magnitudes += std::abs(double{a[i * k + l]} * b[l * n + j]);
      }
      expected.values.push_back(sum);
      // The expectation's own sum in double is as far off as T's, where T is double.
      const double epsilon = std::numeric_limits<T>::epsilon();
      expected.bounds.push_back(ErrorBound(k + 1, magnitudes, epsilon) +
                                ErrorBound(k + 1, magnitudes, kDoubleEpsilon));
    }
  }
  return expected;
}

template <typename T>
class GemmTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(GemmTest, Types);

// Around the sizes of tiles (4, 8, 16, 32), of blocks of rows (64) and of terms (128).
using Size = std::tuple<int64_t, int64_t, int64_t>;
const Size kSizes[] = {{1, 1, 1},    {3, 2, 5},     {4, 8, 16},    {8, 32, 128},  {9, 33, 129},
                       {7, 31, 127}, {64, 64, 256}, {65, 10, 300}, {130, 96, 17}, {2, 100, 1}};

TYPED_TEST(GemmTest, IsTheDefinitionInEachLayout) {
  for (const auto& [m, n, k] : kSizes) {
    SCOPED_TRACE(std::to_string(m) + "×" + std::to_string(n) + "×" + std::to_string(k));
    const auto a = Random<TypeParam>(m * k, 1), b = Random<TypeParam>(k * n, 2);
    const auto c = Random<TypeParam>(m * n, 3);
    const Expected expected = ByDefinition(m, n, k, a, b, c);
    std::vector<TypeParam> nn = c, nt = c, tn = c;
    GemmNN(m, n, k, a.data(), b.data(), nn.data());
    GemmNT(m, n, k, a.data(), Transpose(b, k, n).data(), nt.data());
    GemmTN(m, n, k, Transpose(a, m, k).data(), b.data(), tn.data());
    EXPECT_EQ(Compare<TypeParam>(nn, expected.values, expected.bounds), absl::OkStatus());
    // The layouts differ in how they are read only.
    EXPECT_EQ(CompareBits<TypeParam>(nt, nn), absl::OkStatus());
    EXPECT_EQ(CompareBits<TypeParam>(tn, nn), absl::OkStatus());
  }
}

TYPED_TEST(GemmTest, CuttingRowsChangesNoBit) {
  const int64_t m = 70, n = 37, k = 150;
  const auto a = Random<TypeParam>(m * k, 4), b = Random<TypeParam>(k * n, 5);
  std::vector<TypeParam> whole(m * n, 0), cut(m * n, 0);
  GemmNN(m, n, k, a.data(), b.data(), whole.data());
  for (int64_t begin = 0, rows = 1; begin < m; begin += rows, ++rows) {
    rows = std::min(rows, m - begin);
    GemmNN(rows, n, k, a.data() + begin * k, b.data(), cut.data() + begin * n);
  }
  EXPECT_EQ(CompareBits<TypeParam>(cut, whole), absl::OkStatus());
}

TYPED_TEST(GemmTest, NothingToAddLeavesTheResultAlone) {
  std::vector<TypeParam> c = {1, 2, 3, 4};
  GemmNN<TypeParam>(2, 2, 0, nullptr, nullptr, c.data());
  GemmTN<TypeParam>(0, 2, 3, nullptr, c.data(), nullptr);
  GemmNT<TypeParam>(2, 0, 3, nullptr, nullptr, nullptr);
  EXPECT_EQ(c, (std::vector<TypeParam>{1, 2, 3, 4}));
}

// Padding of tiles must not meet a row or column that is not finite.
TYPED_TEST(GemmTest, NaNAndInfinityStayInTheirRowAndColumn) {
  const int64_t m = 5, n = 6, k = 3;
  std::vector<TypeParam> a(m * k, 1), b(k * n, 1), c(m * n, 0);
  a[2 * k] = std::numeric_limits<TypeParam>::quiet_NaN();
  b[4] = std::numeric_limits<TypeParam>::infinity();
  GemmNN(m, n, k, a.data(), b.data(), c.data());
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      EXPECT_EQ(std::isnan(c[i * n + j]), i == 2) << i << "," << j;
      EXPECT_EQ(std::isinf(c[i * n + j]), i != 2 && j == 4) << i << "," << j;
    }
  }
}

// Kernels that this CPU could run but does not choose are tested as well.
TYPED_TEST(GemmTest, EachKernelIsTheDefinition) {
  std::vector<std::string> names;
  for (const GemmKernel<TypeParam>& kernel : GemmKernels<TypeParam>()) {
    SCOPED_TRACE(kernel.name);
    names.push_back(kernel.name);
    ASSERT_LE(kernel.rows * kernel.columns, kMaxGemmTile);
    for (const int64_t terms : {1, 2, 128}) {
      const auto a = Random<TypeParam>(terms * kernel.rows, 6);
      const auto b = Random<TypeParam>(terms * kernel.columns, 7);
      std::vector<TypeParam> sums(kernel.rows * kernel.columns, 9);
      kernel.tile(terms, a.data(), b.data(), sums.data());
      const Expected expected =
          ByDefinition(kernel.rows, kernel.columns, terms, Transpose(a, terms, kernel.rows), b,
                       std::vector<TypeParam>(sums.size(), 0));
      EXPECT_EQ(Compare<TypeParam>(sums, expected.values, expected.bounds), absl::OkStatus());
    }
  }
  EXPECT_EQ(names.back(), "baseline");
}

TYPED_TEST(GemmTest, KernelsWithFusedMultiplyAddAgreeInEveryBit) {
  const auto kernels = GemmKernels<TypeParam>();
  if (kernels.size() < 3) GTEST_SKIP() << "this CPU has no AVX-512";
  const int64_t terms = 100;
  const GemmKernel<TypeParam>&wide = kernels[0], &narrow = kernels[1];
  // The narrow tile is the upper left corner of the wide one.
  const auto a = Random<TypeParam>(terms * wide.rows, 8);
  const auto b = Random<TypeParam>(terms * wide.columns, 9);
  std::vector<TypeParam> narrow_a, narrow_b;
  for (int64_t l = 0; l < terms; ++l) {
    narrow_a.insert(narrow_a.end(), &a[l * wide.rows], &a[l * wide.rows] + narrow.rows);
    narrow_b.insert(narrow_b.end(), &b[l * wide.columns], &b[l * wide.columns] + narrow.columns);
  }
  std::vector<TypeParam> wide_sums(kMaxGemmTile), narrow_sums(kMaxGemmTile), corner(kMaxGemmTile);
  wide.tile(terms, a.data(), b.data(), wide_sums.data());
  narrow.tile(terms, narrow_a.data(), narrow_b.data(), narrow_sums.data());
  for (int64_t i = 0; i < narrow.rows; ++i) {
    std::copy_n(&wide_sums[i * wide.columns], narrow.columns, &corner[i * narrow.columns]);
  }
  EXPECT_EQ(CompareBits<TypeParam>(corner, narrow_sums), absl::OkStatus());
}

}  // namespace
}  // namespace ssnas
