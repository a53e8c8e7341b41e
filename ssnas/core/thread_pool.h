// A few threads that run short parallel loops one after another.
//
// Made for steps of hundreds of loops of some tens of microseconds: between loops the threads watch
// for the next one for a while before they sleep, and every thread gets the same share of every
// loop of the same length, so that what it touched last time is still in its cache.
//
// Example:
//   ThreadPool pool(2);
//   pool.For(images, [&](int64_t first, int64_t last) { … });
//   ParallelFor parallel_for = pool.parallel_for();  // for engines; the pool outlives them
#ifndef SSNAS_CORE_THREAD_POOL_H_
#define SSNAS_CORE_THREAD_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "ssnas/core/parallel_for.h"

namespace ssnas {

class ThreadPool {
 public:
  // The caller's thread is one of them.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // One range a thread, cut evenly. Not to be called from inside a loop, nor from two threads.
  void For(int64_t count, const std::function<void(int64_t, int64_t)>& body);

  ParallelFor parallel_for() {
    return [this](int64_t count, const std::function<void(int64_t, int64_t)>& body) {
      For(count, body);
    };
  }

 private:
  void Work(int thread);
  void RunShare(int thread);

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;  // guarded by mutex_

  // Of the loop that is running: written before loop_ moves on.
  const std::function<void(int64_t, int64_t)>* body_ = nullptr;
  int64_t count_ = 0;
  std::atomic<uint64_t> loop_{0};
  std::atomic<int> running_{0};  // workers that are not done with it
};

}  // namespace ssnas

#endif  // SSNAS_CORE_THREAD_POOL_H_
