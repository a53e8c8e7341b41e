// A few threads that run short parallel loops one after another.
//
// Made for steps of hundreds of loops of some tens of microseconds: between loops the threads watch
// for the next one for a while before they sleep. Every thread has the same share of every loop of
// the same length and takes it piece by piece, forwards in one loop and backwards in the next, so
// that what it touched last is still in its cache; who is done first takes pieces of the others.
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

  // Up to kPieces ranges a thread. Not to be called from inside a loop, nor from two threads.
  void For(int64_t count, const std::function<void(int64_t, int64_t)>& body);

  ParallelFor parallel_for() {
    return [this](int64_t count, const std::function<void(int64_t, int64_t)>& body) {
      For(count, body);
    };
  }

 private:
  static constexpr int64_t kPieces = 16;

  // The pieces of a thread that nobody has taken: [first, last) as first · 2³² + last.
  struct alignas(64) Share {
    std::atomic<uint64_t> left{0};
  };

  void Work(int thread);
  void RunPieces(int thread);
  static bool Take(Share* share, bool front, int64_t* piece);

  std::vector<std::thread> workers_;
  std::vector<Share> shares_;  // [thread]
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;  // guarded by mutex_

  // Of the loop that is running: written before loop_ moves on.
  const std::function<void(int64_t, int64_t)>* body_ = nullptr;
  int64_t count_ = 0, pieces_ = 0;  // pieces_: of all threads
  bool forwards_ = true;
  std::atomic<uint64_t> loop_{0};
  std::atomic<int> running_{0};  // workers that are not done with it
};

}  // namespace ssnas

#endif  // SSNAS_CORE_THREAD_POOL_H_
