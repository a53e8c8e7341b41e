#include "ssnas/core/philox.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace ssnas {
namespace {

// SplitMix64's finaliser: spreads seed and purpose over the 64 bits of the key.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint32_t kMultiplier0 = 0xD2511F53u, kMultiplier1 = 0xCD9E8D57u;
  constexpr uint32_t kWeyl0 = 0x9E3779B9u, kWeyl1 = 0xBB67AE85u;
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{kMultiplier0} * counter[0];
    const uint64_t p1 = uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

uint64_t HashName(absl::string_view name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

Philox::Philox(const StreamKey& key) {
  // Counter word 0 counts blocks; view sits in the key so that 64 bits of sample fit.
  const uint64_t mixed = Mix(Mix(key.seed) ^ (uint64_t{static_cast<uint32_t>(key.purpose)} << 32) ^
                             uint64_t{key.view});
  key_ = {static_cast<uint32_t>(mixed), static_cast<uint32_t>(mixed >> 32)};
  counter_ = {0, static_cast<uint32_t>(key.epoch), static_cast<uint32_t>(key.sample),
              static_cast<uint32_t>(key.sample >> 32)};
}

uint32_t Philox::Next() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

void Philox::Skip(uint32_t count) {
  const uint32_t left = 4 - static_cast<uint32_t>(used_);
  if (count <= left) {
    used_ += static_cast<int>(count);
    return;
  }
  count -= left;
  counter_[0] += (count - 1) / 4;
  used_ = 4;
  for (uint32_t i = 0; i < (count - 1) % 4 + 1; ++i) Next();
}

uint64_t Philox::Next64() {
  const uint64_t high = Next();
  return (high << 32) | Next();
}

double Philox::Uniform() { return static_cast<double>(Next64() >> 11) * 0x1p-53; }

double Philox::Normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * Uniform());
}

uint64_t Philox::Below(uint64_t n) {
  // Draws past the largest multiple of n are thrown away: no value is likelier than another.
  const uint64_t limit = -n % n;
  while (true) {
    const uint64_t draw = Next64();
    if (draw >= limit) return draw % n;
  }
}

std::vector<int64_t> Philox::Permutation(int64_t n) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = n - 1; i > 0; --i) std::swap(order[i], order[Below(i + 1)]);
  return order;
}

}  // namespace ssnas
