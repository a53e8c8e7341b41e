#include "ssnas/objectives/nt_xent/nt_xent_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ssnas/core/gemm.h"

namespace ssnas {
namespace {

constexpr double kShortest = 1e-8;  // length below which a projection has no direction
constexpr int64_t kBlock = 64;  // rows of similarities at once: 64 · 4,096 · 4 B = 1 MiB, in L2

struct Sums {
  double loss = 0;
  int64_t nearest = 0;  // rows whose pair is nearer than every other row
};

// Cosines of one row with all rows become τ·∂L/∂cosine of that row, in place.
template <typename T>
void RowLoss(T* cosines, int64_t rows, int64_t self, int64_t pair, T inverse_temperature,
             Sums* sums) {
  const T own = cosines[pair];
  T rival = -std::numeric_limits<T>::infinity();  // nearest of the other images' rows
  for (int64_t k = 0; k < rows; ++k) {
    if (k != self && k != pair) rival = std::max(rival, cosines[k]);
  }
  sums->nearest += own > rival;
  // Subtracted before the division by τ: nothing grows beyond 1, however small τ is.
  const T largest = std::max(own, rival);
  double total = 0;
  for (int64_t k = 0; k < rows; ++k) {
    cosines[k] = k == self ? T{0} : std::exp((cosines[k] - largest) * inverse_temperature);
    total += cosines[k];
  }
  sums->loss += std::log(total) - double{own - largest} * inverse_temperature;
  const T scale = static_cast<T>(1.0 / (total * static_cast<double>(rows)));
  for (int64_t k = 0; k < rows; ++k) cosines[k] *= scale;
  cosines[pair] -= static_cast<T>(1.0 / static_cast<double>(rows));
}

// u = z / |z|; lengths as used.
template <typename T>
std::vector<T> UnitRows(const T* z, int64_t rows, int64_t size, std::vector<double>* lengths) {
  std::vector<T> unit(rows * size);
  for (int64_t i = 0; i < rows; ++i) {
    double squares = 0;
    for (int64_t c = 0; c < size; ++c) squares += double{z[i * size + c]} * z[i * size + c];
    const double length = std::max(std::sqrt(squares), kShortest);
    lengths->push_back(length);
    for (int64_t c = 0; c < size; ++c)
      unit[i * size + c] = static_cast<T>(z[i * size + c] / length);
  }
  return unit;
}

template <typename T>
std::vector<T> Transpose(const std::vector<T>& matrix, int64_t rows, int64_t columns) {
  std::vector<T> transposed(matrix.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) transposed[j * rows + i] = matrix[i * columns + j];
  }
  return transposed;
}

// gradient += ∂L/∂z from τ·∂L/∂u, through u = z / |z|: the part along u is lost, except where the
// length is the constant.
template <typename T>
void AddThroughLength(const std::vector<T>& unit, const std::vector<T>& unit_gradient,
                      const std::vector<double>& lengths, int64_t size, double temperature,
                      T* gradient) {
  for (size_t i = 0; i < lengths.size(); ++i) {
    const T* u = unit.data() + i * size;
    const T* g = unit_gradient.data() + i * size;
    double along = 0;
    for (int64_t c = 0; c < size; ++c) along += double{u[c]} * g[c];
    if (lengths[i] == kShortest) along = 0;
    for (int64_t c = 0; c < size; ++c) {
      gradient[i * size + c] += static_cast<T>((g[c] - along * u[c]) / (lengths[i] * temperature));
    }
  }
}

}  // namespace

template <typename T>
LossValue NtXentByRows(const T* projection, int64_t rows, int64_t size, double temperature,
                       T* gradient) {
  std::vector<double> lengths;
  const std::vector<T> unit = UnitRows(projection, rows, size, &lengths);
  const std::vector<T> unit_transposed = Transpose(unit, rows, size);
  std::vector<T> unit_gradient(gradient ? unit.size() : 0, T{0});
  std::vector<T> cosines;
  // Kept finite, so that no difference of 0 becomes 0 · ∞.
  const T inverse = static_cast<T>(
      std::min(1.0 / temperature, static_cast<double>(std::numeric_limits<T>::max())));
  Sums sums;
  for (int64_t begin = 0; begin < rows; begin += kBlock) {
    const int64_t count = std::min(kBlock, rows - begin);
    const T* block = unit.data() + begin * size;
    cosines.assign(count * rows, T{0});
    GemmNN(count, rows, size, block, unit_transposed.data(), cosines.data());
    for (int64_t i = begin; i < begin + count; ++i) {
      RowLoss(cosines.data() + (i - begin) * rows, rows, i, (i + rows / 2) % rows, inverse, &sums);
    }
    if (gradient == nullptr) continue;
    // A cosine is a function of both of its rows.
    GemmNN(count, size, rows, cosines.data(), unit.data(), unit_gradient.data() + begin * size);
    GemmTN(rows, size, count, cosines.data(), block, unit_gradient.data());
  }
  if (gradient != nullptr) {
    AddThroughLength(unit, unit_gradient, lengths, size, temperature, gradient);
  }
  return {.loss = sums.loss / static_cast<double>(rows),
          .accuracy = static_cast<double>(sums.nearest) / static_cast<double>(rows)};
}

template LossValue NtXentByRows<float>(const float*, int64_t, int64_t, double, float*);
template LossValue NtXentByRows<double>(const double*, int64_t, int64_t, double, double*);

}  // namespace ssnas
