#include "ssnas/core/memory/buffer_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr int64_t kSlabBytes = int64_t{1} << 30;

template <typename T>
int64_t RoundUp(int64_t size) {
  constexpr int64_t kCacheLine = 64 / sizeof(T);
  return std::max<int64_t>(1, (size + kCacheLine - 1) / kCacheLine) * kCacheLine;
}

}  // namespace

template <typename T>
absl::StatusOr<typename BufferPool<T>::Buffer> BufferPool<T>::Take(int64_t size) {
  size = RoundUp<T>(size);
  for (Slab& slab : slabs_) {
    const auto range = std::find_if(slab.free.begin(), slab.free.end(),
                                    [&](const auto& free) { return free.second >= size; });
    if (range == slab.free.end()) continue;
    const auto [first, elements] = *range;
    slab.free.erase(range);
    if (elements > size) slab.free[first + size] = elements - size;
    return Buffer{slab.memory.data() + first, size};
  }
  Slab slab;
  slab.size = std::max<int64_t>(size, kSlabBytes / sizeof(T));
  if (!slab.memory.Allocate(slab.size).ok()) {
    // Where addresses are limited, only what is needed.
    slab.size = size;
    SSNAS_RETURN_IF_ERROR(slab.memory.Allocate(slab.size));
  }
  if (slab.size > size) slab.free[size] = slab.size - size;
  slabs_.push_back(std::move(slab));
  return Buffer{slabs_.back().memory.data(), size};
}

template <typename T>
void BufferPool<T>::Give(const Buffer& buffer) {
  if (buffer.memory == nullptr) return;
  for (Slab& slab : slabs_) {
    const int64_t first = buffer.memory - slab.memory.data();
    if (first < 0 || first >= slab.size) continue;
    auto range = slab.free.emplace(first, buffer.size).first;
    // With the free ranges on both sides it becomes one.
    const auto next = std::next(range);
    if (next != slab.free.end() && range->first + range->second == next->first) {
      range->second += next->second;
      slab.free.erase(next);
    }
    if (range != slab.free.begin()) {
      const auto before = std::prev(range);
      if (before->first + before->second == range->first) {
        before->second += range->second;
        slab.free.erase(range);
      }
    }
    return;
  }
  LOG(FATAL) << "a buffer of another pool";
}

template class BufferPool<float>;
template class BufferPool<double>;

}  // namespace ssnas
