#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ssnas/objectives/nt_xent/nt_xent_lengths.h"
#include "ssnas/objectives/nt_xent/nt_xent_tiles.h"

namespace ssnas {
namespace {

// Blocks of a group: of two groups, 8 · 64 · 128 · 4 B = 256 KiB each of u, the same transposed and
// its gradient are in L2.
constexpr int64_t kLargestGroup = 4;
// rows² · size below which threads are not worth waking: about half a millisecond on one.
constexpr int64_t kWorthThreads = int64_t{1} << 24;

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
        // Few rows are cut finely for the sake of threads, many coarsely for that of caches.
        group_(std::clamp<int64_t>(blocks_ / 16, 1, kLargestGroup)),
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
    LossValue value = Sum();
    // A batch of one image has nothing to be told from.
    if (rows_ > 2) value.spread = Spread();
    if (gradient == nullptr) return value;
    const auto unit_gradient = hwy::AllocateAligned<T>(blocks_ * kNtXentBlock * width_);
    batch.gradient = unit_gradient.get();
    ForBlocks([this, &unit_gradient](int64_t block) {
      const int64_t count = kNtXentBlock * width_;
      std::fill_n(unit_gradient.get() + block * count, count, T{0});
    });
    ForTiles([&batch](int64_t i, int64_t j) { NtXentBackwardTile(batch, i, j); });
    ForBlocks([&](int64_t block) { AddToGradient(block, unit_gradient.get(), gradient); });
    return value;
  }

 private:
  template <typename Body>
  void ForBlocks(const Body& body) const {
    parallel_for_(blocks_, [&body](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; ++block) body(block);
    });
  }

  // Every pair of blocks i ≤ j once. Neighbouring blocks make a group, and every pair of groups
  // a ≤ b comes once, in rounds: in round r those with a + b = r or r + groups. So each group is in
  // one pair of a round, whose pairs may run at once, and a block meets the others in an order that
  // never changes.
  template <typename Body>
  void ForTiles(const Body& body) const {
    const int64_t groups = (blocks_ + group_ - 1) / group_;
    for (int64_t round = 0; round < groups; ++round) {
      const int64_t low = round / 2 + 1, high = (round + groups) / 2 - round;
      parallel_for_(low + high, [&, round](int64_t first, int64_t last) {
        for (int64_t t = first; t < last; ++t) {
          const int64_t a = t < low ? t : round + 1 + t - low;
          ForGroups(a, t < low ? round - a : round + groups - a, body);
        }
      });
    }
  }

  template <typename Body>
  void ForGroups(int64_t a, int64_t b, const Body& body) const {
    for (int64_t i = a * group_; i < std::min((a + 1) * group_, blocks_); ++i) {
      for (int64_t j = std::max(i, b * group_); j < std::min((b + 1) * group_, blocks_); ++j) {
        body(i, j);
      }
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
      lengths_[first + r] = NtXentUnitRow(z_ + (first + r) * size_, size_, unit + r * width_);
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
      const double total =
          total_[i] * std::exp((rival - largest) * inverse_) + std::exp((own - largest) * inverse_);
      loss += std::log(total) - (own - largest) * inverse_;
      largest_[i] = static_cast<T>(largest);
      total_[i] = total;
      share_[i] = static_cast<T>(1 / total);
    }
    const double rows = static_cast<double>(rows_);
    return {.loss = loss / rows, .accuracy = static_cast<double>(nearest) / rows};
  }

  // Mean over rows of |u_i − ū|² = mean of |u_i|² − |ū|².
  double Spread() const {
    std::vector<double> sum(size_, 0.0);
    double squares = 0;
    for (int64_t i = 0; i < rows_; ++i) {
      const T* unit = unit_.get() + i * width_;
      for (int64_t c = 0; c < size_; ++c) {
        const double value = unit[c];
        sum[c] += value;
        squares += value * value;
      }
    }
    double mean_square = 0;
    for (const double value : sum) mean_square += value * value;
    const auto rows = static_cast<double>(rows_);
    return (squares - mean_square / rows) / rows;
  }

  // exp(s_i,pair) / Σ_k exp s_ik
  double OwnShare(int64_t i) const {
    return std::exp((double{own_[i]} - largest_[i]) * inverse_) / total_[i];
  }

  // gradient += ∂L/∂z of a block's rows from Σ_k w_ik u_k, to which the pair is added.
  void AddToGradient(int64_t block, const T* sums, T* gradient) const {
    const int64_t first = block * kNtXentBlock, last = std::min(first + kNtXentBlock, rows_);
    for (int64_t i = first; i < last; ++i) {
      const NtXentRowGradient<T> row{
          .size = size_,
          .length = lengths_[i],
          .unit = unit_.get() + i * width_,
          .sums = sums + i * width_,
          .pair = unit_.get() + Pair(i) * width_,
          .pair_weight = OwnShare(i) + OwnShare(Pair(i)) - 2,
          .scale = static_cast<double>(rows_) * temperature_,
      };
      NtXentAddThroughLength(row, gradient + i * size_);
    }
  }

  const T* const z_;
  const int64_t rows_, size_, width_, blocks_, group_;
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
  const ParallelFor serial = SerialFor;
  const bool small = rows * rows * size < kWorthThreads;
  return Loss<T>(projection, rows, size, temperature, small ? serial : parallel_for)
      .Evaluate(gradient);
}

template LossValue NtXentLoss<float>(const float*, int64_t, int64_t, double, float*,
                                     const ParallelFor&);
template LossValue NtXentLoss<double>(const double*, int64_t, int64_t, double, double*,
                                      const ParallelFor&);

}  // namespace ssnas
