#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ssnas/objectives/nt_xent/nt_xent_tiles.h"

namespace ssnas {
namespace {

constexpr double kShortest = 1e-8;  // length below which a projection has no direction

int64_t RoundUp(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

template <typename T>
using Aligned = hwy::AlignedFreeUniquePtr<T[]>;

template <typename T>
class Loss {
 public:
  Loss(const T* z, int64_t rows, int64_t size, double temperature, const ParallelFor& parallel_for)
      : z_(z),
        rows_(rows),
        size_(size),
        width_(RoundUp(size, kNtXentUnit)),
        blocks_((rows + kNtXentBlock - 1) / kNtXentBlock),
        temperature_(temperature),
        // Kept finite, so that no difference of 0 becomes 0 · ∞.
        inverse_(std::min(1.0 / temperature, double{std::numeric_limits<T>::max()})),
        parallel_for_(parallel_for),
        unit_(hwy::AllocateAligned<T>(blocks_ * kNtXentBlock * width_)),
        transposed_(hwy::AllocateAligned<T>(blocks_ * kNtXentBlock * size)),
        lengths_(rows),
        own_(rows),
        largest_(blocks_ * kNtXentBlock, T(kNoCosine)),
        total_(blocks_ * kNtXentBlock, 0.0),
        share_(blocks_ * kNtXentBlock, T{0}) {}

  LossValue Evaluate(T* gradient) {
    ForBlocks([this](int64_t block) { Normalise(block); });
    const bool finite = std::all_of(lengths_.begin(), lengths_.end(),
                                    [](double length) { return std::isfinite(length); });
    if (!finite) return NotFinite(gradient);
    NtXentBatch<T> batch{.rows = rows_,
                         .size = size_,
                         .width = width_,
                         .inverse_temperature = static_cast<T>(inverse_),
                         .unit = unit_.get(),
                         .transposed = transposed_.get(),
                         .own = own_.data(),
                         .largest = largest_.data(),
                         .total = total_.data(),
                         .share = share_.data()};
    ForTiles([&batch](int64_t i, int64_t j) { NtXentForwardTile(batch, i, j); });
    const LossValue value = Sum();
    if (gradient == nullptr) return value;
    const auto unit_gradient = hwy::AllocateAligned<T>(blocks_ * kNtXentBlock * width_);
    batch.gradient = unit_gradient.get();
    ForBlocks([this, &unit_gradient](int64_t block) {
      const int64_t count = kNtXentBlock * width_;
      std::fill_n(unit_gradient.get() + block * count, count, T{0});
    });
    ForTiles([&batch](int64_t i, int64_t j) { NtXentBackwardTile(batch, i, j); });
    ForBlocks([&](int64_t block) { AddThroughLength(block, unit_gradient.get(), gradient); });
    return value;
  }

 private:
  template <typename Body>
  void ForBlocks(const Body& body) const {
    parallel_for_(blocks_, [&body](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; ++block) body(block);
    });
  }

  // Every pair of blocks i ≤ j once, in rounds: in round r those with i + j = r or r + blocks. So
  // each block is in one pair of a round, whose pairs may run at once, and meets the others in an
  // order that never changes.
  template <typename Body>
  void ForTiles(const Body& body) const {
    for (int64_t round = 0; round < blocks_; ++round) {
      const int64_t low = round / 2 + 1, high = (round + blocks_) / 2 - round;
      parallel_for_(low + high, [&, round](int64_t first, int64_t last) {
        for (int64_t t = first; t < last; ++t) {
          const int64_t i = t < low ? t : round + 1 + t - low;
          body(i, t < low ? round - i : round + blocks_ - i);
        }
      });
    }
  }

  int64_t Pair(int64_t row) const { return row < rows_ / 2 ? row + rows_ / 2 : row - rows_ / 2; }

  // u = z / |z| of a block's rows, and once more transposed.
  void Normalise(int64_t block) {
    T* unit = unit_.get() + block * kNtXentBlock * width_;
    T* transposed = transposed_.get() + block * kNtXentBlock * size_;
    std::fill_n(unit, kNtXentBlock * width_, T{0});
    const int64_t first = block * kNtXentBlock, count = std::min(kNtXentBlock, rows_ - first);
    for (int64_t r = 0; r < count; ++r) {
      const T* z = z_ + (first + r) * size_;
      double squares = 0;
      for (int64_t c = 0; c < size_; ++c) squares += double{z[c]} * z[c];
      const double length = std::max(std::sqrt(squares), kShortest);
      lengths_[first + r] = length;
      for (int64_t c = 0; c < size_; ++c) unit[r * width_ + c] = static_cast<T>(z[c] / length);
    }
    for (int64_t c = 0; c < size_; ++c) {
      for (int64_t r = 0; r < kNtXentBlock; ++r) {
        transposed[c * kNtXentBlock + r] = unit[r * width_ + c];
      }
    }
  }

  LossValue NotFinite(T* gradient) const {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    if (gradient != nullptr) std::fill_n(gradient, rows_ * size_, nan);
    return {.loss = nan};
  }

  // The loss from the statistics of the rows, which become those that the gradient needs: the
  // pair's cosine joins the others.
  LossValue Sum() {
    double loss = 0;
    int64_t nearest = 0;
    for (int64_t i = 0; i < rows_; ++i) {
      const double own = own_[i], rival = largest_[i], largest = std::max(own, rival);
      nearest += own > rival;
      const double total = total_[i] * std::exp((rival - largest) * inverse_) +
                           std::exp((own - largest) * inverse_);
      loss += std::log(total) - (own - largest) * inverse_;
      largest_[i] = static_cast<T>(largest);
      total_[i] = total;
      share_[i] = static_cast<T>(1 / total);
    }
    const double rows = static_cast<double>(rows_);
    return {.loss = loss / rows, .accuracy = static_cast<double>(nearest) / rows};
  }

  // exp(s_i,pair) / Σ_k exp s_ik
  double OwnShare(int64_t i) const {
    return std::exp((double{own_[i]} - largest_[i]) * inverse_) / total_[i];
  }

  // gradient += ∂L/∂z of a block's rows from Σ_k w_ik u_k, to which the pair is added; through
  // u = z / |z|: the part along u is lost, except where the length is the constant.
  void AddThroughLength(int64_t block, const T* unit_gradient, T* gradient) const {
    const int64_t first = block * kNtXentBlock, last = std::min(first + kNtXentBlock, rows_);
    for (int64_t i = first; i < last; ++i) {
      const T *u = unit_.get() + i * width_, *pair = unit_.get() + Pair(i) * width_;
      const T* sums = unit_gradient + i * width_;
      const double weight = OwnShare(i) + OwnShare(Pair(i)) - 2;
      double along = 0;
      for (int64_t c = 0; c < size_; ++c) along += u[c] * (sums[c] + weight * pair[c]);
      if (lengths_[i] == kShortest) along = 0;
      const double scale = static_cast<double>(rows_) * lengths_[i] * temperature_;
      for (int64_t c = 0; c < size_; ++c) {
        const double across = sums[c] + weight * pair[c] - along * u[c];
        gradient[i * size_ + c] += static_cast<T>(across / scale);
      }
    }
  }

  const T* const z_;
  const int64_t rows_, size_, width_, blocks_;
  const double temperature_, inverse_;
  const ParallelFor& parallel_for_;
  const Aligned<T> unit_, transposed_;
  std::vector<double> lengths_;
  std::vector<T> own_, largest_;
  std::vector<double> total_;
  std::vector<T> share_;
};

}  // namespace

template <typename T>
LossValue NtXentLoss(const T* projection, int64_t rows, int64_t size, double temperature,
                     T* gradient, const ParallelFor& parallel_for) {
  return Loss<T>(projection, rows, size, temperature, parallel_for).Evaluate(gradient);
}

template LossValue NtXentLoss<float>(const float*, int64_t, int64_t, double, float*,
                                     const ParallelFor&);
template LossValue NtXentLoss<double>(const double*, int64_t, int64_t, double, double*,
                                      const ParallelFor&);

}  // namespace ssnas
