#include "ssnas/core/thread_pool.h"

#include <chrono>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

// Waking a sleeping thread takes about 50 µs; a machine that is shared pays for threads that spin.
constexpr auto kSpin = std::chrono::microseconds(200);

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Whether `done` became true while spinning.
template <typename Condition>
bool SpinUntil(const Condition& done) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (done()) return true;
      Pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  CHECK_GE(threads, 1);
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { Work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::For(int64_t count, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= 0) return;
  if (workers_.empty() || count == 1) return body(0, count);
  body_ = &body;
  count_ = count;
  running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  {
    // Under the lock, so that a worker that is about to sleep sees it.
    const std::lock_guard<std::mutex> lock(mutex_);
    loop_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  RunShare(0);
  const auto done = [this] { return running_.load(std::memory_order_acquire) == 0; };
  while (!SpinUntil(done)) std::this_thread::yield();
}

void ThreadPool::RunShare(int thread) {
  const int64_t first = count_ * thread / threads(), last = count_ * (thread + 1) / threads();
  if (first < last) (*body_)(first, last);
}

void ThreadPool::Work(int thread) {
  uint64_t seen = 0;
  while (true) {
    const auto next = [&] { return loop_.load(std::memory_order_acquire) != seen; };
    if (!SpinUntil(next)) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || next(); });
      if (stop_) return;
    }
    ++seen;
    RunShare(thread);
    running_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace ssnas
