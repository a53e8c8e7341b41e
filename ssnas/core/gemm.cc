#include "ssnas/core/gemm.h"

#include <algorithm>
#include <vector>

#include "ssnas/core/gemm_kernels.h"

namespace ssnas {
namespace {

// Rows of a that are packed at once: 64 · 128 · 4 B = 32 KiB, in L2 beside the panels of b.
constexpr int64_t kBlockRows = 64;

// Element (i, l) of a matrix that may be stored transposed is data[i · row + l · column].
template <typename T>
struct Matrix {
  const T* data;
  int64_t row, column;

  Matrix Transposed() const { return {data, column, row}; }
};

// Rows [begin, begin + count) and terms [first, first + terms) as panels of `width` rows, term
// after term; the last panel is filled up with zeros.
template <typename T>
void Pack(const Matrix<T>& matrix, int64_t begin, int64_t count, int64_t first, int64_t terms,
          int64_t width, T* out) {
  for (int64_t i = 0; i < count; i += width) {
    const int64_t there = std::min(width, count - i);
    for (int64_t l = 0; l < terms; ++l, out += width) {
      const T* from = matrix.data + (begin + i) * matrix.row + (first + l) * matrix.column;
      if (matrix.row == 1) {
        std::copy_n(from, there, out);
      } else {
        for (int64_t r = 0; r < there; ++r) out[r] = from[r * matrix.row];
      }
      std::fill(out + there, out + width, T{0});
    }
  }
}

// c += one packed block of a times one panel of b.
template <typename T>
void AddPanel(const GemmKernel<T>& kernel, int64_t terms, int64_t m, int64_t n, const T* a,
              const T* b, int64_t step, T* c) {
  T sums[kMaxGemmTile];
  for (int64_t i = 0; i < m; i += kernel.rows) {
    kernel.tile(terms, a + i * terms, b, sums);
    for (int64_t r = 0; r < std::min(kernel.rows, m - i); ++r) {
      T* row = c + (i + r) * step;
      for (int64_t j = 0; j < n; ++j) row[j] += sums[r * kernel.columns + j];
    }
  }
}

template <typename T>
void Multiply(int64_t m, int64_t n, int64_t k, const Matrix<T>& a, const Matrix<T>& b, T* c) {
  if (m == 0 || n == 0) return;
  static const GemmKernel<T> kernel = GemmKernels<T>().front();
  const auto round_up = [](int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; };
  std::vector<T> a_block(round_up(std::min(m, kBlockRows), kernel.rows) * kGemmTerms);
  std::vector<T> b_panels(round_up(n, kernel.columns) * std::min(k, kGemmTerms));
  for (int64_t l = 0; l < k; l += kGemmTerms) {
    const int64_t terms = std::min(kGemmTerms, k - l);
    Pack(b.Transposed(), 0, n, l, terms, kernel.columns, b_panels.data());
    for (int64_t i = 0; i < m; i += kBlockRows) {
      const int64_t rows = std::min(kBlockRows, m - i);
      Pack(a, i, rows, l, terms, kernel.rows, a_block.data());
      for (int64_t j = 0; j < n; j += kernel.columns) {
        AddPanel(kernel, terms, rows, std::min(kernel.columns, n - j), a_block.data(),
                 b_panels.data() + j * terms, n, c + i * n + j);
      }
    }
  }
}

}  // namespace

template <typename T>
void GemmNN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  Multiply<T>(m, n, k, {a, k, 1}, {b, n, 1}, c);
}

template <typename T>
void GemmNT(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  Multiply<T>(m, n, k, {a, k, 1}, {b, 1, k}, c);
}

template <typename T>
void GemmTN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  Multiply<T>(m, n, k, {a, 1, m}, {b, n, 1}, c);
}

template void GemmNN<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmNN<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);
template void GemmNT<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmNT<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);
template void GemmTN<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmTN<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);

}  // namespace ssnas
