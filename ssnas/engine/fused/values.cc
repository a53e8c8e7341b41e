// How values and pads are computed, forward and once more in the backward pass.
#include <algorithm>

#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {

void FusedBlock::ComputeValue(int index, const Place& place, bool statistics) {
  const ValuePlan& value = program().values[index];
  if (value.kind == ValueKind::kModule) return;  // modules.cc
  if (value.kind == ValueKind::kConvs) return ComputeConvs(index, place, statistics);
  if (value.kind == ValueKind::kCopy) {
    ComputeCopy(index, place);
  } else {
    ComputePool(index, place.image);
  }
  if (!statistics) return;
  const ValueLayout& y = shape(index);
  for (int64_t row = 0; row < y.height; row += y.tile_rows) {
    const int64_t rows = std::min(y.tile_rows, y.height - row);
    AddMoments(index, place, Image(index, place.image) + row * y.row(), rows * y.row(),
               row == 0 && place.image == layout_.first_image(place.item));
  }
}

// A tile of rows goes through depthwise convolution, matrix and statistics while it is in L1.
void FusedBlock::ComputeConvs(int index, const Place& place, bool statistics) {
  const ValuePlan& value = program().values[index];
  const ValueLayout& y = shape(index);
  const int convs = static_cast<int>(value.convs.size());
  std::vector<const float*> pads(convs);
  int64_t gathered_size = 1;
  for (int c = 0; c < convs; ++c) {
    const bool again = c > 0 && value.convs[c].pad == value.convs[c - 1].pad;
    pads[c] = again ? pads[c - 1] : PadOf(value.convs[c].pad, place.image, place.scratch);
    gathered_size = std::max(gathered_size, GatherSize(index, c));
  }
  float* memory = place.scratch.Take(gathered_size);
  for (int64_t row = 0; row < y.height; row += y.tile_rows) {
    const int64_t rows = std::min(y.tile_rows, y.height - row);
    float* z = MutableImage(index, place.image) + row * y.row();
    for (int c = 0; c < convs; ++c) {
      const ConvPlan& conv = value.convs[c];
      const GatheredRows gathered =
          Gather(index, c, pads[c], row, rows, place, conv.gemm < 0 ? z : memory);
      if (conv.gemm < 0) continue;
      const int64_t k = conv.in_channels * (conv.dense() ? conv.taps() : 1);
      const bool whole = gathered.step == y.width * k;
      for (int64_t r = 0; r < (whole ? 1 : rows); ++r) {
        Multiply(gathered.data + r * gathered.step, k, whole ? rows * y.width : y.width, k,
                 tables_[index][c].forward, 0, conv.out_channels,
                 z + r * y.row() + conv.first_channel, y.channels);
      }
    }
    if (statistics) {
      AddMoments(index, place, z, rows * y.row(),
                 row == 0 && place.image == layout_.first_image(place.item));
    }
  }
}

int64_t FusedBlock::GatherSize(int value, int c) const {
  const ConvPlan& conv = program().values[value].convs[c];
  if (conv.depthwise < 0 && !conv.dense() && !program().pads[conv.pad].by_row) return 0;
  const ValueLayout& y = shape(value);
  return y.tile_rows * y.width * conv.in_channels * (conv.dense() ? conv.taps() : 1);
}

GatheredRows FusedBlock::Gather(int value, int c, const float* pad, int64_t row, int64_t rows,
                                const Place& place, float* memory) const {
  const ConvPlan& conv = program().values[value].convs[c];
  if (pad == nullptr) {
    const Activation& input = program().pads[conv.pad].input;
    const int64_t step = shape(input.value).row();
    ActivateFace(input, Image(input.value, place.image) + row * step, rows * step, memory);
    return {memory, step};
  }
  const ConvLayout& layout = layout_.convs[value][c];
  const int64_t pitch = layout_.pads[conv.pad].pitch();
  const int64_t width = shape(value).width, count = width * conv.in_channels;
  const int taps = conv.taps();
  const float* first = pad + row * pitch;
  if (conv.depthwise >= 0) {
    const float* filters = tables_[value][c].filters.data();
    const int run_count = static_cast<int>(layout.runs.size());
    TapRun* runs = place.scratch.Runs(layout.runs.size());
    for (int i = 0; i < run_count; ++i) {
      const TapRunLayout& run = layout.runs[i];
      runs[i] = {first + layout.taps[run.first].offset,
                 filters + run.first * layout.in_spread,
                 run.count,
                 run.step,
                 layout.run_stride * layout.in_spread,
                 pitch};
    }
    TapSum(runs, run_count, {conv.in_channels, layout.in_spread, count, rows, count}, memory);
    return {memory, count};
  }
  if (!conv.dense()) return {first + layout.taps[0].offset, pitch};
  float* to = memory;
  for (int64_t r = 0; r < rows; ++r, first += pitch) {
    for (int64_t w = 0; w < width; ++w) {
      for (int t = 0; t < taps; ++t, to += conv.in_channels) {
        std::copy_n(first + layout.taps[t].offset + w * conv.in_channels, conv.in_channels, to);
      }
    }
  }
  return {memory, count * taps};
}

void FusedBlock::ActivateFace(const Activation& x, const float* from, int64_t count,
                              float* to) const {
  const ValueState& value = values_[x.value];
  const bool norm = !value.scale.empty();
  Activate(from, norm ? value.scale.data() : nullptr, norm ? value.shift.data() : nullptr, x.relu,
           shape(x.value).spread, count, to);
}

const float* FusedBlock::PadOf(int pad, int64_t image, Scratch& scratch) const {
  if (program().pads[pad].by_row) return nullptr;
  const int64_t size = layout_.pads[pad].image();
  if (program().pads[pad].shared) return pads_[pad].data() + image * size;
  float* made = scratch.Take(size);
  MakePad(pad, image, scratch, made);
  return made;
}

void FusedBlock::MakeSharedPad(int pad, const Place& place) {
  MakePad(pad, place.image, place.scratch,
          pads_[pad].data() + place.image * layout_.pads[pad].image());
}

void FusedBlock::MakePad(int index, int64_t image, Scratch& scratch, float* to) const {
  const PadLayout& pad = layout_.pads[index];
  const Activation& input = program().pads[index].input;
  const ValueLayout& x = shape(input.value);
  const int64_t s = pad.stride;
  float* whole = s == 1 ? nullptr : scratch.Take(x.row());
  for (int64_t r = 0; r < pad.plane_rows; ++r) {
    for (int64_t plane = 0; plane < s * s; ++plane) {
      const int64_t h = (r - pad.lead) * s + plane / s, column = plane % s;
      float* row = to + plane * pad.plane() + r * pad.pitch();
      if (h < 0 || h >= x.height) {
        std::fill_n(row, pad.pitch(), 0.0F);
        continue;
      }
      const float* from = Image(input.value, image) + h * x.row();
      std::fill_n(row, pad.lead * pad.channels, 0.0F);
      float* inside = row + pad.lead * pad.channels;
      if (s == 1) {
        ActivateFace(input, from, x.row(), inside);
        inside += x.row();
      } else {
        if (column == 0) ActivateFace(input, from, x.row(), whole);
        const int64_t pixels = (x.width - column + s - 1) / s;
        CopyPixels({whole + column * x.channels, s * x.channels}, pixels, x.channels, inside,
                   x.channels);
        inside += pixels * x.channels;
      }
      std::fill(inside, row + pad.pitch(), 0.0F);
    }
  }
}

void FusedBlock::ComputePool(int index, int64_t image) {
  const ValuePlan& value = program().values[index];
  const int input = value.inputs[0].value;
  const ValueLayout& x = shape(input);
  const PoolShape pool{x.height, x.width, x.channels, value.kernel, value.stride, value.padding};
  if (value.kind == ValueKind::kMaxPool) {
    MaxPool(Image(input, image), pool, MutableImage(index, image));
  } else {
    AveragePool(Image(input, image), pool, MutableImage(index, image));
  }
}

void FusedBlock::ComputeCopy(int index, const Place& place) {
  const ValuePlan& value = program().values[index];
  const ValueLayout& y = shape(index);
  float* to = MutableImage(index, place.image);
  if (value.zero) {
    std::fill_n(to, y.image(), 0.0F);
    return;
  }
  for (const Activation& input : value.inputs) {
    const ValueLayout& x = shape(input.value);
    float* row = place.scratch.Take(x.row());
    for (int64_t h = 0; h < y.height; ++h) {
      int64_t inside = 0;  // pixels of this row
      if (h + input.shift < x.height) {
        inside = std::clamp<int64_t>(x.width - input.shift, 0, y.width);
        ActivateFace(input, Image(input.value, place.image) + (h + input.shift) * x.row(), x.row(),
                     row);
      }
      CopyPixels({row + input.shift * x.channels, x.channels}, inside, x.channels, to + h * y.row(),
                 y.channels);
      for (int64_t w = inside; w < y.width; ++w) {
        std::fill_n(to + h * y.row() + w * y.channels, x.channels, 0.0F);
      }
    }
    to += x.channels;
  }
}

}  // namespace ssnas::fused
