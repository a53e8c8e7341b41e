// What a fused view costs at least: its arithmetic, as operations on one float.
//
// An operation is one of +, −, ×, ÷, multiply-add, minimum, maximum, absolute value, comparison,
// selection, rounding, conversion. Counted is what the definition of a step needs, with taps of
// weight 0 and mirrored neighbours added in pairs; not counted are weights, draws, loads, stores,
// the turning of tiles and rows that fill up a tile.
#ifndef BENCH_VIEW_COST_H_
#define BENCH_VIEW_COST_H_

#include <cstdint>

#include "ssnas/datasets/fused_views/render_view.h"

namespace ssnas {

int64_t CountOperations(const fused_views::ViewPlan& plan, int source_channels);

}  // namespace ssnas

#endif  // BENCH_VIEW_COST_H_
