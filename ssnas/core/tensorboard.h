// TensorBoard event files: scalars, one record each.
//
// Format: TFRecord (length, masked CRC-32C of it, data, masked CRC-32C of that), each the bytes of
// a tensorflow.Event message. A new file is begun at each start, as TensorBoard expects of a
// resumed run.
#ifndef SSNAS_CORE_TENSORBOARD_H_
#define SSNAS_CORE_TENSORBOARD_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ssnas {

// A framed record that opens every file.
std::string TensorBoardHeader(double wall_time);
// A framed record that says: a process starts here, forget earlier events of `step` and later.
std::string TensorBoardStart(double wall_time, int64_t step);
// A framed record of one scalar.
std::string TensorBoardScalar(double wall_time, int64_t step, absl::string_view tag, float value);
// The framing alone, and its checksum: CRC-32C, rotated and offset as TFRecord has it.
std::string TensorBoardRecord(absl::string_view data);
uint32_t MaskedCrc32c(absl::string_view data);

}  // namespace ssnas

#endif  // SSNAS_CORE_TENSORBOARD_H_
