// IDX files of unsigned bytes, gzipped or not: what MNIST and its successors come in.
//
// Bytes 0, 0, 8, the number of dimensions; each dimension as four bytes, the highest first; then the elements.
// Works on any bytes: what is wrong is DataLoss, with the place; nothing larger than asked for is allocated.
//
// Example:
//   ParseIdx(bytes, {60000, 28, 28});  // 47,040,000 bytes, or an error
#ifndef SSNAS_DATASETS_FASHION_MNIST_IDX_H_
#define SSNAS_DATASETS_FASHION_MNIST_IDX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

// The elements of a file with exactly these dimensions. Bytes that begin as gzip's do are unpacked first.
absl::StatusOr<std::vector<uint8_t>> ParseIdx(absl::string_view bytes,
                                              const std::vector<uint32_t>& dimensions);

// One gzip member and nothing after it; DataLoss past `max_bytes`, below 2³² − 1, of contents.
absl::StatusOr<std::string> Gunzip(absl::string_view bytes, size_t max_bytes);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_FASHION_MNIST_IDX_H_
