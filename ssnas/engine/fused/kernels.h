// The arithmetic of the fused engine: small loops over rows of NHWC memory, in vector registers.
//
// A row (or tile of rows, or image) is a flat array that begins at channel 0: element i belongs to
// channel i mod c. Per-channel factors come *spread* over v = lcm(c, 16) floats, so that element i
// takes factor i mod v and one loop serves any channel count: 4 channels fill a register with four
// pixels, 36 take nine registers in turn. Sums over pixels are returned spread too; Fold adds them
// up. Because v is a multiple of 16 for every instruction set, sums run over the same 16 virtual
// lanes and do not depend on the register width.
//
// Each kernel is compiled for several instruction sets and chosen at run time (Highway); its slow
// reference is in kernels_reference.h. All are safe to call from several threads; none reads or
// writes outside [0, count) of its arrays.
#ifndef SSNAS_ENGINE_FUSED_KERNELS_H_
#define SSNAS_ENGINE_FUSED_KERNELS_H_

#include <cstdint>

namespace ssnas::fused {

inline constexpr int64_t kVirtualLanes = 16;

// lcm(channels, 16): floats of a spread per-channel vector.
int64_t SpreadSize(int64_t channels);
// spread[i] = values[i mod channels], i < SpreadSize(channels).
void Spread(const float* values, int64_t channels, float* spread);
// values[c] += Σ spread[c + j·channels].
void Fold(const double* spread, int64_t channels, double* values);

// ---- Depthwise convolutions: tap_kernels.cc ----

// Taps of a depthwise filter that lie evenly in memory: tap t reads source + t·step for the first
// output of the first row, and filter + t·filter_step for its factor of each channel, spread. The
// next row of output reads `pitch` floats further on.
struct TapRun {
  const float* source;
  const float* filter;
  int count = 1;
  int64_t step = 0, filter_step = 0;
  int64_t pitch = 0;
};

// Output rows of `count` floats (pixels × channels), `pitch` apart.
struct TapRows {
  int64_t channels, v;  // v = SpreadSize(channels)
  int64_t count;
  int64_t rows = 1, pitch = 0;
};

// out[i] = Σ_runs Σ_t (source + t·step)[i] · (filter + t·filter_step)[i mod v], row by row. Where
// the step is a pixel or two, an input is loaded once for all taps of its run.
void TapSum(const TapRun* runs, int run_count, const TapRows& rows, float* out);

// out[i] += gate[i] > 0 ? Σ … : 0; without a gate (null) always. Backward of relu → depthwise. The
// gate's rows lie as the output's do.
void TapSumInto(const TapRun* runs, int run_count, const TapRows& rows, const float* gate,
                float* out);

// Taps of a depthwise filter that lie evenly in memory, as in TapRun: tap t's gradient is added to
// sums + t·sums_step, spread.
struct FilterRun {
  const float* source;
  float* sums;
  int count = 1;
  int64_t step = 0, sums_step = 0;
  int64_t pitch = 0;  // of the source
};

// (sums + t·sums_step)[p] += Σ_{row, i ≡ p mod v} (source + row·pitch + t·step)[i] ·
// gradient[row·rows.pitch + i], or to another p of the same channel (add them up with Fold): the
// gradient of a depthwise filter.
void TapGradient(const FilterRun* runs, int run_count, const TapRows& rows, const float* gradient);

// ---- Pointwise convolutions: gemm_kernels.cc ----

// Columns of a packed matrix: n rounded up to 4.
inline int64_t PackedColumns(int64_t n) { return (n + 3) / 4 * 4; }

// c[m][n] = Σ_k a[m][k] · b[k][n]. `b` has rows of PackedColumns(n).
void Gemm(const float* a, int64_t lda, int64_t m, int64_t k, const float* b, int64_t n, float* c,
          int64_t ldc);

// sums[k][n] += Σ_m a[m][k] · g[m][n]; `sums` has rows of PackedColumns(n).
void GemmGradient(const float* a, int64_t lda, const float* g, int64_t ldg, int64_t m, int64_t k,
                  int64_t n, float* sums);

// ---- Norms and sums: norm_kernels.cc ----

// y[i] = x[i]·scale + shift (both null: x[i]), then max(·, 0) with `relu`.
void Activate(const float* x, const float* scale, const float* shift, bool relu, int64_t v,
              int64_t count, float* y);

// sums[p] += Σ (z[i] − center[p]), sums[v + p] += Σ (z[i] − center[p])².
void Moments(const float* z, const float* center, int64_t v, int64_t count, double* sums);

// One summand of LinearSum: a dense array and its factor for each channel, spread.
struct Term {
  const float* source;
  const float* factor;
};

// out[i] (+)= constant + Σ_t terms[t].source[i] · terms[t].factor; `constant` may be null. At most
// kMaxTerms terms.
inline constexpr int kMaxTerms = 8;
void LinearSum(const Term* terms, int term_count, const float* constant, bool accumulate, int64_t v,
               int64_t count, float* out);

// sums[p] += Σ g[i].
void ChannelSums(const float* g, int64_t v, int64_t count, double* sums);

// sums[p] += Σ g[i] · (z[i] − center[p]); `center` may be null.
void ChannelProducts(const float* g, const float* z, const float* center, int64_t v, int64_t count,
                     double* sums);

// gradient[i] = z[i]·scale + shift > 0 ? gradient[i] : 0, and of the result
// sums[p] += Σ gradient, sums[v + p] += Σ gradient · (z − center). Backward of norm → relu.
void GateGradient(const float* z, const float* scale, const float* shift, const float* center,
                  int64_t v, int64_t count, float* gradient, double* sums);

// ---- Pixels: pixel_kernels.cc ----

// Pixels that begin `step` floats apart.
struct Pixels {
  const float* data;
  int64_t step;
};

// So many channels of so many pixels, to pixels `to_step` floats apart.
void CopyPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step);
// The same, +=.
void AddPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step);

// ---- Pools: pool_kernels.cc ----

struct PoolShape {
  int64_t height = 0, width = 0, channels = 0;  // of the input
  int kernel = 3, stride = 1, padding = 1;
  int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
};

// One image. The maximum ignores padding; the average divides by the pixels inside.
void MaxPool(const float* x, const PoolShape& shape, float* y);
void AveragePool(const float* x, const PoolShape& shape, float* y);
// dx += the pool's gradient. The winner is the first of the window, row by row, as in libtorch.
void MaxPoolGradient(const float* x, const float* dy, const PoolShape& shape, float* dx);
void AveragePoolGradient(const float* dy, const PoolShape& shape, float* dx);

// "AVX3", "AVX2", …: the instruction set in use.
const char* InstructionSet();

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_KERNELS_H_
