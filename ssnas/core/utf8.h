// UTF-8, one sequence at a time.
#ifndef SSNAS_CORE_UTF8_H_
#define SSNAS_CORE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace ssnas {

// Bytes of the sequence at the start of `bytes`, 0 if there is none. Overlong forms, surrogates and
// values past U+10FFFF are none.
size_t Utf8Length(absl::string_view bytes);

bool IsUtf8(absl::string_view bytes);

// What some editors put at the start of a file.
inline constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace ssnas

#endif  // SSNAS_CORE_UTF8_H_
