// Memory for activations that comes and goes within a step and stays from step to step.
//
// Slabs of addresses are cut into buffers and grow together again when these come back, so that a
// steady step asks the system for nothing and touches no page for the first time, and buffers of
// all sizes share the same pages. A slab is addresses, of which only those pages become memory that
// are touched. Used from one thread.
//
// Example:
//   BufferPool<float> pool;
//   SSNAS_ASSIGN_OR_RETURN(const auto buffer, pool.Take(shape.count()));
//   … buffer.data() …
//   pool.Give(buffer);
#ifndef SSNAS_CORE_MEMORY_BUFFER_POOL_H_
#define SSNAS_CORE_MEMORY_BUFFER_POOL_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/aligned_buffer.h"

namespace ssnas {

template <typename T>
class BufferPool {
 public:
  struct Buffer {
    T* memory = nullptr;
    int64_t size = 0;  // elements
    T* data() const { return memory; }
  };

  // On a cache line, values undefined: the first free range that is large enough, so that what is
  // kept gathers at the front and what comes and goes uses the same pages behind it.
  // ResourceExhausted when there is no memory.
  absl::StatusOr<Buffer> Take(int64_t size);
  // Nothing for a buffer that holds nothing.
  void Give(const Buffer& buffer);

 private:
  struct Slab {
    AlignedBuffer<T> memory;
    std::map<int64_t, int64_t> free;  // first element → elements
    int64_t size = 0;
  };

  std::vector<Slab> slabs_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_MEMORY_BUFFER_POOL_H_
