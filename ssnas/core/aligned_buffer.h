// Memory for activations: on cache lines, not filled, given back at once.
//
// Example:
//   AlignedBuffer<float> buffer;
//   SSNAS_RETURN_IF_ERROR(buffer.Allocate(shape.count()));
#ifndef SSNAS_CORE_ALIGNED_BUFFER_H_
#define SSNAS_CORE_ALIGNED_BUFFER_H_

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ssnas {

template <typename T>
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;  // a cache line, and an AVX-512 register
  // Large buffers come in huge pages where the system has them for those who ask: reading megabytes
  // in turn, every 4 KiB a new page, waits for address translation.
  static constexpr size_t kHugePage = size_t{2} << 20;

  // Memory for `count` elements, whose values are undefined. ResourceExhausted when there is none.
  absl::Status Allocate(int64_t count) {
    Free();
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    const bool huge = bytes >= kHugePage;
    // Not aligned_alloc, which takes only whole multiples of the alignment.
    void* memory = nullptr;
    if (posix_memalign(&memory, huge ? kHugePage : kAlignment,
                       (bytes + kAlignment - 1) / kAlignment * kAlignment) != 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat("no memory for ", bytes >> 20, " MiB of activations"));
    }
    memory_.reset(static_cast<T*>(memory));
    if (huge) madvise(memory_.get(), bytes, MADV_HUGEPAGE);  // A wish: without it all is as before.
    return absl::OkStatus();
  }
  absl::Status AllocateZeros(int64_t count) {
    absl::Status status = Allocate(count);
    if (status.ok()) std::fill_n(data(), count, T{0});
    return status;
  }
  void Free() { memory_.reset(); }

  // Null when nothing is held.
  T* data() const { return memory_.get(); }

 private:
  struct Deleter {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T[], Deleter> memory_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_ALIGNED_BUFFER_H_
