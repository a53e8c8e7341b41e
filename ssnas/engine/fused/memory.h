// Memory that comes and goes within a step: buffers for all images, and each thread's scratch.
#ifndef SSNAS_ENGINE_FUSED_MEMORY_H_
#define SSNAS_ENGINE_FUSED_MEMORY_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "ssnas/core/memory/buffer_pool.h"
#include "ssnas/engine/fused/kernels.h"

namespace ssnas::fused {

// What blocks hand on to each other.
using BufferPool = ssnas::BufferPool<float>;

// A stack of floats for what lives within one image's work: grows until it is large enough, then
// never again. What it hands out begins on a cache line.
class Scratch {
 public:
  float* Take(int64_t count) {
    count = (count + 15) / 16 * 16;
    while (chunk_ < chunks_.size() && used_ + count > chunks_[chunk_].size) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) {
      constexpr int64_t kLeast = 1 << 16;
      chunks_.push_back({Aligned(std::max(count, kLeast)), std::max(count, kLeast)});
    }
    float* taken = chunks_[chunk_].memory.get() + used_;
    used_ += count;
    return taken;
  }
  // Room for so many runs, the same every time.
  TapRun* Runs(size_t count) {
    if (runs_.size() < count) runs_.resize(count);
    return runs_.data();
  }
  // Everything that was taken is free again.
  void Reset() { chunk_ = 0, used_ = 0; }

 private:
  struct Deleter {
    void operator()(float* memory) const { ::operator delete(memory, std::align_val_t(64)); }
  };
  using Memory = std::unique_ptr<float, Deleter>;
  static Memory Aligned(int64_t count) {
    return Memory(static_cast<float*>(::operator new(count * sizeof(float), std::align_val_t(64))));
  }
  struct Chunk {
    Memory memory;
    int64_t size;
  };
  std::vector<Chunk> chunks_;
  size_t chunk_ = 0;
  int64_t used_ = 0;
  std::vector<TapRun> runs_;
};

// One scratch for each thread that asks at the same time.
class ScratchPool {
 public:
  class Lease {
   public:
    explicit Lease(ScratchPool* pool) : pool_(pool), scratch_(pool->Take()) {}
    ~Lease() { pool_->Give(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Scratch& operator*() { return *scratch_; }

   private:
    ScratchPool* pool_;
    std::unique_ptr<Scratch> scratch_;
  };

 private:
  std::unique_ptr<Scratch> Take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return std::make_unique<Scratch>();
    std::unique_ptr<Scratch> scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  void Give(std::unique_ptr<Scratch> scratch) {
    const std::lock_guard<std::mutex> lock(mutex_);
    scratch->Reset();
    free_.push_back(std::move(scratch));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> free_;
};

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_MEMORY_H_
