#include "ssnas/engine/fused/layout.h"

#include <algorithm>
#include <numeric>

#include "ssnas/engine/fused/kernels.h"

namespace ssnas::fused {
namespace {

// A tile of rows: what a depthwise convolution makes of it and what the matrix makes of that lie in
// L1 together (8 KiB each).
constexpr int64_t kTileFloats = 2048;
// An item of parallel work is worth its overhead from about this many output pixels on.
constexpr int64_t kItemPixels = 256;
// At least so many items where there are images enough: for 2, 4 and 8 threads alike.
constexpr int64_t kLeastItems = 8;

int64_t FloorDiv(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

ValueLayout Sized(int64_t height, int64_t width, int64_t channels) {
  return {.height = height,
          .width = width,
          .channels = channels,
          .spread = SpreadSize(channels),
          .tile_rows =
              std::clamp<int64_t>(kTileFloats / std::max<int64_t>(width * channels, 1), 1, height)};
}

class Maker {
 public:
  Maker(const Program& program, const std::vector<Shape4>& states) : program_(program) {
    layout_.images = states[0].n;
    layout_.values.resize(program.values.size());
    layout_.pads.resize(program.pads.size());
    layout_.convs.resize(program.values.size());
    for (int i = 0; i < program.states; ++i) {
      layout_.values[i] = Sized(states[i].h, states[i].w, states[i].c);
    }
  }

  Layout Make() {
    for (const EdgeSteps& edge : program_.edges) {
      for (const StepPlan& step : edge.steps) {
        if (!step.pad) layout_.values[step.index] = Size(program_.values[step.index]);
      }
    }
    for (size_t i = 0; i < program_.pads.size(); ++i) SizePad(static_cast<int>(i));
    for (size_t i = 0; i < program_.values.size(); ++i) PlaceTaps(static_cast<int>(i));
    ChooseItems();
    return std::move(layout_);
  }

 private:
  ValueLayout Size(const ValuePlan& value) const {
    if (value.kind == ValueKind::kConvs) {
      const ConvPlan& conv = value.convs[0];
      const ValueLayout& x = layout_.values[program_.pads[conv.pad].input.value];
      const int64_t reach = conv.dilation * (conv.kernel - 1) + 1 - 2 * conv.padding;
      return Sized((x.height - reach) / conv.stride + 1, (x.width - reach) / conv.stride + 1,
                   value.channels);
    }
    const ValueLayout& x = layout_.values[value.inputs[0].value];
    if (value.kind == ValueKind::kModule) {
      const Shape4 input{layout_.images, x.height, x.width, x.channels};
      const Shape4 y = program_.modules[value.module].Shapes({input}).value().back();
      return Sized(y.h, y.w, y.c);
    }
    if (value.kind == ValueKind::kCopy) {
      return Sized(CeilDiv(x.height, value.stride), CeilDiv(x.width, value.stride), value.channels);
    }
    const PoolShape pool{.height = x.height,
                         .width = x.width,
                         .kernel = value.kernel,
                         .stride = value.stride,
                         .padding = value.padding};
    return Sized(pool.out_height(), pool.out_width(), value.channels);
  }

  // Row (and column) of the input that tap `i` reads for output row 0.
  static int64_t First(const ConvPlan& conv, int i) {
    return i * conv.dilation - conv.padding + conv.shift;
  }

  void SizePad(int index) {
    const PadPlan& plan = program_.pads[index];
    const ValueLayout& x = layout_.values[plan.input.value];
    PadLayout& pad = layout_.pads[index];
    const int64_t s = plan.stride;
    pad.stride = s;
    pad.channels = plan.channels;
    pad.spread = SpreadSize(plan.channels);
    pad.plane_rows = CeilDiv(x.height, s);
    pad.plane_columns = CeilDiv(x.width, s);
    ForConvs(index, [&](const ConvPlan& conv, const ValueLayout& y) {
      pad.lead = std::max(pad.lead, -FloorDiv(First(conv, 0), s));
      const int64_t reach = FloorDiv(First(conv, conv.kernel - 1), s);
      pad.plane_rows = std::max(pad.plane_rows, y.height + reach);
      pad.plane_columns = std::max(pad.plane_columns, y.width + reach);
    });
    pad.plane_rows += pad.lead;
    pad.plane_columns += pad.lead;
  }

  template <typename Body>
  void ForConvs(int pad, const Body& body) const {
    for (size_t i = 0; i < program_.values.size(); ++i) {
      for (const ConvPlan& conv : program_.values[i].convs) {
        if (conv.pad == pad) body(conv, layout_.values[i]);
      }
    }
  }

  void PlaceTaps(int value) {
    for (const ConvPlan& conv : program_.values[value].convs) {
      const PadLayout& pad = layout_.pads[conv.pad];
      const ValueLayout& x = layout_.values[program_.pads[conv.pad].input.value];
      const ValueLayout& y = layout_.values[value];
      const int64_t s = conv.stride;
      ConvLayout placed{.in_spread = pad.spread};
      for (int i = 0; i < conv.kernel; ++i) {
        for (int j = 0; j < conv.kernel; ++j) {
          TapLayout tap{.row = First(conv, i), .column = First(conv, j)};
          const int64_t row = FloorDiv(tap.row, s), column = FloorDiv(tap.column, s);
          const int64_t plane = (tap.row - row * s) * s + (tap.column - column * s);
          tap.offset = plane * pad.plane() + (pad.lead + row) * pad.pitch() +
                       (pad.lead + column) * pad.channels;
          placed.taps.push_back(tap);
        }
      }
      PlaceRuns(conv, pad, &placed);
      // An input column w is read by output columns (w − tap.column) / s.
      const int64_t least = FloorDiv(-First(conv, conv.kernel - 1), s);
      const int64_t most = FloorDiv(x.width - 1 - First(conv, 0), s);
      placed.lead = std::max<int64_t>(0, -least);
      placed.gradient_columns = placed.lead + std::max(y.width, most + 1);
      layout_.convs[value].push_back(std::move(placed));
    }
  }

  // The taps of a row alternate between as many planes as stride and dilation leave apart.
  static void PlaceRuns(const ConvPlan& conv, const PadLayout& pad, ConvLayout* placed) {
    const int planes = conv.stride / std::gcd(conv.stride, conv.dilation);
    placed->run_stride = planes;
    for (int i = 0; i < conv.kernel; ++i) {
      for (int j = 0; j < std::min(planes, conv.kernel); ++j) {
        placed->runs.push_back(
            {.first = i * conv.kernel + j,
             .count = (conv.kernel - j + planes - 1) / planes,
             .step = int64_t{planes} * conv.dilation / conv.stride * pad.channels});
      }
    }
  }

  void ChooseItems() {
    int64_t least = INT64_MAX;
    for (const ValueLayout& value : layout_.values) {
      if (value.channels > 0) least = std::min(least, value.pixels());
    }
    const int64_t wanted = CeilDiv(kItemPixels, std::max<int64_t>(least, 1));
    layout_.chunk =
        std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, layout_.images / kLeastItems));
    layout_.items = CeilDiv(layout_.images, layout_.chunk);
  }

  const Program& program_;
  Layout layout_;
};

}  // namespace

Layout MakeLayout(const Program& program, const std::vector<Shape4>& states) {
  return Maker(program, states).Make();
}

}  // namespace ssnas::fused
