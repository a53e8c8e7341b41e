// Memory for activations: on cache lines, not filled, given back at once.
//
// Example:
//   AlignedBuffer<float> buffer;
//   SSNAS_RETURN_IF_ERROR(buffer.Allocate(shape.count()));
#ifndef SSNAS_CORE_ALIGNED_BUFFER_H_
#define SSNAS_CORE_ALIGNED_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ssnas {

template <typename T>
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;  // a cache line, and an AVX-512 register

  // Memory for `count` elements, whose values are undefined. ResourceExhausted when there is none.
  absl::Status Allocate(int64_t count) {
    Free();
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    memory_.reset(
        static_cast<T*>(::operator new(bytes, std::align_val_t(kAlignment), std::nothrow)));
    if (memory_ == nullptr) {
      return absl::ResourceExhaustedError(
          absl::StrCat("no memory for ", bytes >> 20, " MiB of activations"));
    }
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
    void operator()(T* memory) const { ::operator delete(memory, std::align_val_t(kAlignment)); }
  };
  std::unique_ptr<T[], Deleter> memory_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_ALIGNED_BUFFER_H_
