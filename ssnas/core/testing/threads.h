// A parallel-for of so many threads, for tests that the thread count changes no bit.
//
// Example:
//   for (const int threads : {1, 2, 3, 8}) Run(ThreadsFor(threads));
#ifndef SSNAS_CORE_TESTING_THREADS_H_
#define SSNAS_CORE_TESTING_THREADS_H_

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "ssnas/core/parallel_for.h"

namespace ssnas {

// Cuts [0, count) into `threads` ranges, one a thread, started anew at each call.
inline ParallelFor ThreadsFor(int64_t threads) {
  return [threads](int64_t count, const std::function<void(int64_t, int64_t)>& body) {
    std::vector<std::thread> running;
    for (int64_t t = 0; t < threads; ++t) {
      const int64_t first = count * t / threads, last = count * (t + 1) / threads;
      if (first < last) running.emplace_back([&body, first, last] { body(first, last); });
    }
    for (std::thread& thread : running) thread.join();
  };
}

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_THREADS_H_
