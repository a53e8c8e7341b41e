#include "ssnas/core/thread_pool.h"

#include <algorithm>
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

ThreadPool::ThreadPool(int threads) : shares_(std::max(threads, 1)) {
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
  forwards_ = !forwards_;
  const int64_t own = std::min(kPieces, (count + threads() - 1) / threads());
  pieces_ = own * threads();
  for (int64_t t = 0; t < threads(); ++t) {
    const uint64_t left =
        static_cast<uint64_t>(t * own) << 32 | static_cast<uint64_t>((t + 1) * own);
    shares_[t].left.store(left, std::memory_order_relaxed);
  }
  running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  {
    // Under the lock, so that a worker that is about to sleep sees it.
    const std::lock_guard<std::mutex> lock(mutex_);
    loop_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  RunPieces(0);
  const auto done = [this] { return running_.load(std::memory_order_acquire) == 0; };
  while (!SpinUntil(done)) std::this_thread::yield();
}

bool ThreadPool::Take(Share* share, bool front, int64_t* piece) {
  uint64_t left = share->left.load(std::memory_order_relaxed);
  while (true) {
    const uint64_t first = left >> 32, last = left & 0xFFFFFFFF;
    if (first >= last) return false;
    const uint64_t rest = front ? left + (uint64_t{1} << 32) : left - 1;
    if (share->left.compare_exchange_weak(left, rest, std::memory_order_relaxed)) {
      *piece = static_cast<int64_t>(front ? first : last - 1);
      return true;
    }
  }
}

// The others' pieces from the end that they come to last.
void ThreadPool::RunPieces(int thread) {
  for (int i = 0; i < threads(); ++i) {
    Share* share = &shares_[(thread + i) % threads()];
    int64_t piece = 0;
    while (Take(share, forwards_ == (i == 0), &piece)) {
      const int64_t first = count_ * piece / pieces_, last = count_ * (piece + 1) / pieces_;
      if (first < last) (*body_)(first, last);
    }
  }
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
    RunPieces(thread);
    running_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace ssnas
