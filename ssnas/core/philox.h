// Counter-based randomness: Philox-4x32-10 (Salmon et al., SC 2011), keyed by what a draw is for.
//
// No generator state is carried from one step to the next, so a resumed run draws what an unbroken
// one would, and no draw depends on the number or order of workers.
//
// Example:
//   Philox random({.seed = 1, .purpose = Purpose::kView, .epoch = 3, .sample = 17, .view = 1});
//   const double area = random.Uniform(0.08, 1.0);
#ifndef SSNAS_CORE_PHILOX_H_
#define SSNAS_CORE_PHILOX_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace ssnas {

// What a stream is for; two purposes never share numbers. Values are part of every result: append
// only.
enum class Purpose : uint32_t {
  kInitialWeights = 1,     // sample: hash of the tensor's name
  kInitialAlphas = 2,      // sample: row
  kHalves = 3,             // the split of the training set
  kSubset = 4,             // images drawn from the training set
  kBatchOrderWeights = 5,  // epoch
  kBatchOrderAlphas = 6,   // epoch
  kView = 7,               // epoch, sample, view
  kDropPath = 8,           // epoch: step; sample
  kRandomCell = 9,         // sample: index of the cell
  kSyntheticImage = 10,    // sample
  kBatchOrder = 11,        // epoch; pretraining and supervised training
  kValidationSubset = 12,
  kTest = 13,  // tests only
  kProbe = 14,
};

struct StreamKey {
  uint64_t seed = 0;
  Purpose purpose = Purpose::kTest;
  uint64_t epoch = 0;   // 32 bits are used
  uint64_t sample = 0;  // 64 bits are used
  uint32_t view = 0;    // 16 bits are used
};

// One block of Philox-4x32-10: the published function, checked against its published vectors.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// FNV-1a, 64 bits: a stable key for a tensor's name.
uint64_t HashName(absl::string_view name);

// A stream of numbers for one key. Cheap to make; not thread-safe.
class Philox {
 public:
  explicit Philox(const StreamKey& key);

  uint32_t Next();
  // As if Next were called `count` times, without the work.
  void Skip(uint32_t count);
  uint64_t Next64();
  // [0, 1), 53 bits.
  double Uniform();
  // [low, high)
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  // Standard normal (Box–Muller, one of the pair is dropped so that draws do not depend on
  // history).
  double Normal();
  bool Bernoulli(double probability) { return Uniform() < probability; }
  // 0 … n − 1, unbiased; n ≥ 1.
  uint64_t Below(uint64_t n);
  // A random order of 0 … n − 1 (Fisher–Yates).
  std::vector<int64_t> Permutation(int64_t n);

 private:
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_PHILOX_H_
