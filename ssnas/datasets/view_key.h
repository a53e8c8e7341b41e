// Which view of which image: the key of all chance that goes into it.
#ifndef SSNAS_DATASETS_VIEW_KEY_H_
#define SSNAS_DATASETS_VIEW_KEY_H_

#include <cstddef>
#include <cstdint>

#include "ssnas/core/philox.h"

namespace ssnas {

struct ViewKey {
  static constexpr int kMaxViews = 256;  // a sample

  uint64_t seed = 0, epoch = 0;
  int64_t sample = 0;
  int view = 0;  // below kMaxViews

  // What step number `step` of a pipeline draws from.
  Philox Stream(size_t step) const {
    return Philox({.seed = seed,
                   .purpose = Purpose::kView,
                   .epoch = epoch,
                   .sample = static_cast<uint64_t>(sample),
                   // Of the 16 bits, the upper 8 are the step's and the lower 8 the view's.
                   .view = static_cast<uint32_t>(step) * kMaxViews + static_cast<uint32_t>(view)});
  }
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_VIEW_KEY_H_
