// NT-Xent's work on pairs of blocks of rows: cosines, their statistics, their gradient. For
// nt_xent_loss.cc, which says when.
//
// The cosines of 64 × 64 rows are made in a buffer of the thread's own and forgotten. They serve
// both blocks, c_ik = c_ki: half of all pairs of blocks are enough. Forward, each row's largest
// cosine m and Z = Σ exp((c − m)/τ) grow from tile to tile (the online log-sum-exp: stable at any
// τ, in one pass). Backward, the cosines are made again, in the same bits, and turn into
// w_ik = exp((c_ik − M_i)/τ)/Z_i + exp((c_ik − M_k)/τ)/Z_k, then Σ_k w_ik u_k.
// A row with itself and with its pair are left out of both: the pair's part is exact elsewhere.
// Instruction sets (Highway, chosen at run time) differ in the last bits: in the roundings of
// multiply-adds and in the order of a tile's row sums.
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_TILES_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_TILES_H_

#include <cstdint>

namespace ssnas {

// 64 · 64 · 4 B = 16 KiB of cosines and 16 KiB of the rows that they are made of: in L1 and L2.
inline constexpr int64_t kNtXentBlock = 64;
// Rows of memory are as long as a multiple of this: two registers of the widest instruction set.
inline constexpr int64_t kNtXentUnit = 32;
// Below every cosine: the largest of no cosines.
inline constexpr double kNoCosine = -4;

template <typename T>
struct NtXentBatch {
  int64_t rows = 0;   // even; memory has whole blocks of them
  int64_t size = 0;   // of a projection
  int64_t width = 0;  // `size` rounded up to kNtXentUnit
  T inverse_temperature = 0;
  const T* unit = nullptr;        // u, rows × width, zeros beyond `rows` and `size`
  const T* transposed = nullptr;  // the same, for each block size × kNtXentBlock
  // Of each row, updated forward, read backward.
  T* own = nullptr;         // cosine with its pair; not read backward
  T* largest = nullptr;     // m; starts at kNoCosine. Backward: M, of the pair too
  double* total = nullptr;  // Z; starts at 0. Not read backward
  T* share = nullptr;       // 1 / Z; backward only
  T* gradient = nullptr;    // += Σ_k w_ik u_k, rows × width; backward only
};

// Blocks i ≤ j. Touches what belongs to these two, so pairs without a block in common may run at
// once.
template <typename T>
void NtXentForwardTile(const NtXentBatch<T>& batch, int64_t i, int64_t j);
template <typename T>
void NtXentBackwardTile(const NtXentBatch<T>& batch, int64_t i, int64_t j);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_TILES_H_
