// NT-Xent the plain way: 64 rows of cosines at a time, each row's softmax in full, on one thread.
//
// The slow oracle of nt_xent_loss.h, whose banner has the formula: in double for its values at any
// τ, zero rows too, where nt_xent_reference.h cannot go; in float for its speed.
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ROWS_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ROWS_H_

#include <cstdint>

#include "ssnas/objectives/objective.h"

namespace ssnas {

// Adds ∂L/∂z to `gradient` unless that is null.
template <typename T>
LossValue NtXentByRows(const T* projection, int64_t rows, int64_t size, double temperature,
                       T* gradient);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ROWS_H_
