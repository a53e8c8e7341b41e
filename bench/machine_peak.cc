#include "bench/machine_peak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/machine_peak.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// `rounds` times ten independent chains: latency 4 × two units, and registers to spare in every
// instruction set. Returns the flops done; `sink` keeps the compiler from leaving them out.
int64_t MultiplyAdd(int64_t rounds, float* HWY_RESTRICT sink) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, 0.999f), b = hn::Set(d, 1e-3f);
  // All different, or the compiler would do the work of one for several.
  auto c0 = hn::Iota(d, sink[0]), c1 = c0 + a, c2 = c1 + a, c3 = c2 + a, c4 = c3 + a;
  auto c5 = hn::Iota(d, sink[1]), c6 = c5 - a, c7 = c6 - a, c8 = c7 - a, c9 = c8 - a;
  for (int64_t i = 0; i < rounds; ++i) {
    c0 = hn::MulAdd(c0, a, b);
    c1 = hn::MulAdd(c1, a, b);
    c2 = hn::MulAdd(c2, a, b);
    c3 = hn::MulAdd(c3, a, b);
    c4 = hn::MulAdd(c4, a, b);
    c5 = hn::MulAdd(c5, a, b);
    c6 = hn::MulAdd(c6, a, b);
    c7 = hn::MulAdd(c7, a, b);
    c8 = hn::MulAdd(c8, a, b);
    c9 = hn::MulAdd(c9, a, b);
  }
  const auto first = c0 + c1 + c2 + c3 + c4, second = c5 + c6 + c7 + c8 + c9;
  sink[0] = hn::GetLane(hn::SumOfLanes(d, first));
  sink[1] = hn::GetLane(hn::SumOfLanes(d, second));
  return rounds * 10 * 2 * static_cast<int64_t>(hn::Lanes(d));
}

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace ssnas
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas {
namespace {

HWY_EXPORT(MultiplyAdd);
HWY_EXPORT(TargetName);

constexpr int kWindows = 8;
constexpr double kWindowSeconds = 0.03;
constexpr int64_t kRounds = 20000;               // some 50 µs between looks at the clock
constexpr size_t kCopyBytes = size_t{64} << 20;  // a thread; larger than the caches

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Units a second, of all threads together, in the best of several windows. `work` returns the units
// that it did.
double BestRate(int threads, const std::function<int64_t(int thread)>& work) {
  double best = 0;
  for (int window = 0; window < kWindows; ++window) {
    std::atomic<int> ready = 0;
    std::vector<double> rates(threads);
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        ++ready;
        while (ready < threads) std::this_thread::yield();
        const double begin = Now();
        double done = 0, now = begin;
        while (now < begin + kWindowSeconds) {
          done += static_cast<double>(work(t));
          now = Now();
        }
        rates[t] = done / (now - begin);
      });
    }
    for (std::thread& worker : workers) worker.join();
    double rate = 0;
    for (const double one : rates) rate += one;
    best = std::max(best, rate);
  }
  return best;
}

}  // namespace

MachinePeak MeasureMachinePeak(int threads) {
  MachinePeak peak{.target = HWY_DYNAMIC_DISPATCH(TargetName)()};
  struct alignas(64) Sink {
    float values[2] = {1, 2};
  };
  std::vector<Sink> sinks(threads);
  peak.gflops = 1e-9 * BestRate(threads, [&](int t) {
                  return HWY_DYNAMIC_DISPATCH(MultiplyAdd)(kRounds, sinks[t].values);
                });
  std::vector<std::vector<char>> from(threads), to(threads);
  for (int t = 0; t < threads; ++t) {
    from[t].assign(kCopyBytes, 1);
    to[t].assign(kCopyBytes, 2);
  }
  peak.copy_gb_per_s = 1e-9 * BestRate(threads, [&](int t) {
                         std::memcpy(to[t].data(), from[t].data(), kCopyBytes);
                         return 2 * static_cast<int64_t>(kCopyBytes);
                       });
  return peak;
}

}  // namespace ssnas
#endif  // HWY_ONCE
