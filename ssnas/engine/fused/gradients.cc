// Backward passes of convolutions, pools and copies, image by image.
#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "ssnas/engine/fused/fused_block.h"

namespace ssnas::fused {
namespace {

// A depthwise filter's gradient is summed over so many pixels in float, then added up.
constexpr int64_t kSumPixels = 256;

}  // namespace

// The gradient of what a convolution's taps read: rows of the output's height with zero columns
// around, a plane a tap where the convolution is dense.
struct FusedBlock::ConvSource {
  const ConvPlan* conv;
  const ConvLayout* layout;
  const float* filters;
  const float* gradient;
  int64_t rows, pitch, plane;
};

const float* FusedBlock::BeforeNorm(int index, int64_t image, int64_t row, int64_t rows,
                                    Scratch& scratch, float* memory) const {
  const ValueLayout& y = shape(index);
  const ValueState& value = values_[index];
  const int64_t offset = row * y.row(), count = rows * y.row();
  const bool terms = program().values[index].gradient == GradientKind::kTerms;
  if (!terms && value.scale.empty()) return GradientImage(index, image) + offset;
  Term sum[kMaxTerms];
  int used = 0;
  bool written = false;
  const auto write = [&] {
    const bool constant = !written && !value.constant.empty();
    LinearSum(sum, used, constant ? value.constant.data() : nullptr, written, y.spread, count,
              memory);
    used = 0;
    written = true;
  };
  const auto add = [&](const float* source, const float* factor) {
    if (used == kMaxTerms) write();
    sum[used++] = {source, factor};
  };
  if (terms) {
    for (const Reader& reader : readers_[index]) {
      const EdgeSteps& edge = program().edges[reader.edge];
      const float* factor = edges_[reader.edge].terms[reader.term].factor.data();
      const float drop = DropScale(edge, image);
      if (drop == 0.0F) continue;
      if (drop != 1.0F) {
        float* scaled = scratch.Take(y.spread);
        for (int64_t i = 0; i < y.spread; ++i) scaled[i] = factor[i] * drop;
        factor = scaled;
      }
      add(GradientImage(edge.node, image) + offset, factor);
    }
  } else {
    add(GradientImage(index, image) + offset, value.scale.data());
  }
  if (!value.z_factor.empty()) add(Image(index, image) + offset, value.z_factor.data());
  if (used > 0) write();
  if (!written) std::fill_n(memory, count, 0.0F);
  return memory;
}

void FusedBlock::PadGradient(const Op& op, const Place& place, float* sums) {
  const bool input = values_[program().pads[op.index].input.value].wanted;
  const float* pad = nullptr;
  if (wants(kWeightGradients)) {
    pad = PadOf(op.index, place.image, place.scratch);
    const int64_t size = WeightSums(op);
    sums += place.item * size;
    if (place.image == layout_.first_image(place.item)) std::fill_n(sums, size, 0.0F);
  }
  std::vector<ConvSource> sources;
  ForPadReaders(op, [&](int value, int c) {
    sources.push_back(ConvGradient(value, c, pad, input, place, sums));
    const ConvPlan& conv = program().values[value].convs[c];
    if (wants(kWeightGradients)) sums += FilterSums(conv) + MatrixSums(conv);
  });
  if (input) InputGradient(op.index, sources, place);
}

FusedBlock::ConvSource FusedBlock::ConvGradient(int index, int c, const float* pad, bool input,
                                                const Place& place, float* sums) {
  const ConvPlan& conv = program().values[index].convs[c];
  const ConvLayout& layout = layout_.convs[index][c];
  const ConvTables& tables = tables_[index][c];
  const ValueLayout& y = shape(index);
  const int64_t in = conv.in_channels, planes = conv.dense() ? conv.taps() : 1;
  const int64_t k = in * planes;
  ConvSource source{.conv = &conv,
                    .layout = &layout,
                    .filters = tables.filters.data(),
                    .gradient = nullptr,
                    .rows = y.height,
                    .pitch = layout.gradient_columns * in,
                    .plane = y.height * layout.gradient_columns * in};
  const bool filters = conv.depthwise >= 0 && wants(kWeightGradients);
  float* gradient = nullptr;
  if (input || filters) {
    gradient = place.scratch.Take(planes * source.plane);
    source.gradient = gradient;
  }
  float* gathered = place.scratch.Take(std::max<int64_t>(1, GatherSize(index, c)));
  float* memory = place.scratch.Take(y.tile_rows * y.row());
  for (int64_t row = 0; row < y.height; row += y.tile_rows) {
    const int64_t rows = std::min(y.tile_rows, y.height - row);
    const float* dz = BeforeNorm(index, place.image, row, rows, place.scratch, memory);
    if (conv.gemm >= 0 && wants(kWeightGradients)) {
      const GatheredRows from = Gather(index, c, pad, row, rows, place, gathered);
      const bool whole = from.step == y.width * k;
      for (int64_t r = 0; r < (whole ? 1 : rows); ++r) {
        GemmGradient(from.data + r * from.step, k, dz + r * y.row() + conv.first_channel,
                     y.channels, whole ? rows * y.width : y.width, k, conv.out_channels,
                     sums + FilterSums(conv));
      }
    }
    if (gradient == nullptr) continue;
    for (int64_t t = 0; t < planes; ++t) {
      for (int64_t r = 0; r < rows; ++r) {
        float* to = gradient + t * source.plane + (row + r) * source.pitch;
        std::fill_n(to, layout.lead * in, 0.0F);
        to += layout.lead * in;
        const float* from = dz + r * y.row() + conv.first_channel;
        if (conv.gemm >= 0) {
          Multiply(from, y.channels, y.width, conv.out_channels, tables.backward,
                   t * conv.out_channels, in, to, in);
        } else {
          std::copy_n(from, y.row(), to);
        }
        std::fill_n(to + y.width * in, source.pitch - (layout.lead + y.width) * in, 0.0F);
      }
    }
  }
  if (filters) FilterGradient(index, c, pad, source, sums);
  return source;
}

// Of a depthwise filter, from the whole image's gradient of what it made.
void FusedBlock::FilterGradient(int index, int c, const float* pad, const ConvSource& source,
                                float* sums) const {
  const ConvPlan& conv = program().values[index].convs[c];
  const ConvLayout& layout = layout_.convs[index][c];
  const ValueLayout& y = shape(index);
  const float* gradient = source.gradient + layout.lead * conv.in_channels;
  const int64_t pitch = layout_.pads[conv.pad].pitch(), v = layout.in_spread;
  const int64_t block = std::max<int64_t>(1, kSumPixels / y.width);
  absl::InlinedVector<FilterRun, 16> runs;
  for (const TapRunLayout& run : layout.runs) {
    runs.push_back({pad + layout.taps[run.first].offset, sums + run.first * v, run.count, run.step,
                    layout.run_stride * v, pitch});
  }
  for (int64_t row = 0; row < y.height; row += block) {
    const TapRows rows{conv.in_channels, v, y.width * conv.in_channels,
                       std::min(block, y.height - row), source.pitch};
    TapGradient(runs.data(), static_cast<int>(runs.size()), rows, gradient + row * source.pitch);
    for (FilterRun& run : runs) run.source += block * pitch;
  }
}

// Runs of taps that read input row `h`, columns `column`, `column` + stride, …: of all
// convolutions. A run's inputs follow each other here in the order opposite to the forward pass.
int FusedBlock::ReadersOfRow(const std::vector<ConvSource>& sources, int64_t h, int64_t column,
                             int64_t stride, int64_t channels, TapRun* runs) {
  int count = 0;
  for (const ConvSource& source : sources) {
    const ConvLayout& layout = *source.layout;
    const int64_t spread = layout.in_spread;
    for (const TapRunLayout& run : layout.runs) {
      const TapLayout& tap = layout.taps[run.first];
      const int64_t row = h - tap.row, first = column - tap.column;
      if (row < 0 || row % stride != 0 || row / stride >= source.rows || first % stride != 0) {
        continue;
      }
      const int64_t plane = source.conv->dense() ? source.plane : 0;
      runs[count++] = {source.gradient + run.first * plane + row / stride * source.pitch +
                           (layout.lead + first / stride) * channels,
                       source.filters + run.first * spread,
                       run.count,
                       layout.run_stride * plane - run.step,
                       layout.run_stride * spread,
                       source.pitch};
    }
  }
  return count;
}

// Every input row meets the taps that read it, of all convolutions at once.
void FusedBlock::InputGradient(int pad, const std::vector<ConvSource>& sources,
                               const Place& place) {
  const Activation& x = program().pads[pad].input;
  const ValueLayout& to = shape(x.value);
  size_t most = 1;
  // Rows that all taps read: [inner, outer).
  int64_t inner = 0, outer = to.height;
  for (const ConvSource& source : sources) {
    most += source.layout->runs.size();
    for (const TapLayout& tap : source.layout->taps) {
      inner = std::max(inner, tap.row);
      outer = std::min(outer, tap.row + source.rows);
    }
  }
  TapRun* runs = place.scratch.Runs(most);
  if (program().pads[pad].stride > 1) {
    StridedInputGradient(pad, sources, place, runs);
  } else {
    for (int64_t h = 0; h < to.height;) {
      const int64_t rows = h == inner && outer > inner ? outer - inner : 1;
      const int count = ReadersOfRow(sources, h, 0, 1, to.channels, runs);
      AddGradientRows(x, place, h, rows, runs, count);
      h += rows;
    }
  }
  FinishGradientRows(x, place);
}

// Columns of one parity after the other.
void FusedBlock::StridedInputGradient(int pad, const std::vector<ConvSource>& sources,
                                      const Place& place, TapRun* runs) {
  const Activation& x = program().pads[pad].input;
  const ValueLayout& to = shape(x.value);
  const int64_t s = program().pads[pad].stride, channels = to.channels;
  float* parity = place.scratch.Take(to.row());
  float* whole = place.scratch.Take(to.row());
  const std::vector<float> ones(to.spread, 1.0F);
  for (int64_t h = 0; h < to.height; ++h) {
    for (int64_t column = 0; column < s; ++column) {
      const int count = ReadersOfRow(sources, h, column, s, channels, runs);
      const int64_t pixels = (to.width - column + s - 1) / s;
      TapSum(runs, count, {channels, to.spread, pixels * channels}, parity);
      CopyPixels({parity, channels}, pixels, channels, whole + column * channels, s * channels);
    }
    const TapRun run{whole, ones.data()};
    AddGradientRows(x, place, h, 1, &run, 1);
  }
}

void FusedBlock::AddGradientRows(const Activation& x, const Place& place, int64_t row, int64_t rows,
                                 const TapRun* runs, int run_count) {
  const ValueLayout& to = shape(x.value);
  const TapRows place_of{to.channels, to.spread, to.row(), rows, to.row()};
  float* gradient = GradientImage(x.value, place.image) + row * to.row();
  if (program().values[x.value].gradient == GradientKind::kGated) {
    return TapSum(runs, run_count, place_of, gradient);
  }
  const float* gate = x.relu ? Image(x.value, place.image) + row * to.row() : nullptr;
  TapSumInto(runs, run_count, place_of, gate, gradient);
}

// A gated gradient's relu, and its sums for the norm.
void FusedBlock::FinishGradientRows(const Activation& x, const Place& place) {
  if (program().values[x.value].gradient != GradientKind::kGated) return;
  const ValueLayout& to = shape(x.value);
  ValueState& value = values_[x.value];
  double* sums = value.gradient_sums.data() + place.item * 2 * to.spread;
  for (int64_t row = 0; row < to.height; row += to.tile_rows) {
    const int64_t offset = row * to.row();
    const int64_t count = std::min(to.tile_rows, to.height - row) * to.row();
    const float* z = Image(x.value, place.image) + offset;
    float* gradient = GradientImage(x.value, place.image) + offset;
    if (x.relu) {
      GateGradient(z, value.scale.data(), value.shift.data(), value.center.data(), to.spread, count,
                   gradient, sums);
    } else {
      ChannelSums(gradient, to.spread, count, sums);
      ChannelProducts(gradient, z, value.center.data(), to.spread, count, sums + to.spread);
    }
  }
}

void FusedBlock::ValueGradient(int index, const Place& place) {
  const ValueKind kind = program().values[index].kind;
  if (kind == ValueKind::kModule) return;  // modules.cc
  kind == ValueKind::kCopy ? CopyGradient(index, place) : PoolGradient(index, place);
}

void FusedBlock::PoolGradient(int index, const Place& place) {
  const ValuePlan& value = program().values[index];
  const int input = value.inputs[0].value;
  const ValueLayout& x = shape(input);
  const ValueLayout& y = shape(index);
  const PoolShape pool{x.height, x.width, x.channels, value.kernel, value.stride, value.padding};
  const float* gradient =
      BeforeNorm(index, place.image, 0, y.height, place.scratch, place.scratch.Take(y.image()));
  if (value.kind == ValueKind::kMaxPool) {
    MaxPoolGradient(Image(input, place.image), gradient, pool, GradientImage(input, place.image));
  } else {
    AveragePoolGradient(gradient, pool, GradientImage(input, place.image));
  }
}

void FusedBlock::CopyGradient(int index, const Place& place) {
  const ValueLayout& y = shape(index);
  const float* gradient =
      BeforeNorm(index, place.image, 0, y.height, place.scratch, place.scratch.Take(y.image()));
  for (const Activation& x : program().values[index].inputs) {
    const ValueLayout& to = shape(x.value);
    if (values_[x.value].wanted) {
      float* row = place.scratch.Take(to.row());
      const std::vector<float> ones(to.spread, 1.0F);
      const TapRun run{row, ones.data()};
      for (int64_t h = 0; h < to.height; ++h) {
        std::fill_n(row, to.row(), 0.0F);
        if (h >= x.shift && to.width > x.shift) {
          CopyPixels({gradient + (h - x.shift) * y.row(), y.channels}, to.width - x.shift,
                     to.channels, row + x.shift * to.channels, to.channels);
        }
        AddGradientRows(x, place, h, 1, &run, 1);
      }
      FinishGradientRows(x, place);
    }
    gradient += to.channels;
  }
}

}  // namespace ssnas::fused
