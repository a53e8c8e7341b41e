// Where something in a spec was written, and errors that show it.
//
// A place is an offset into a spec file or into the text of one --set. Its errors read
//   mine.textproto:14:5: no field 'temprature' in ssnas.NtXentConfig; did you mean 'temperature'?
//       14 |     temprature: 0.5
//          |     ^
//   --set search.steps=ten: expected an integer …
// Lines and columns count from 1, columns in characters of UTF-8.
#ifndef SSNAS_SPEC_SOURCE_H_
#define SSNAS_SPEC_SOURCE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ssnas {

struct Source {
  enum class Kind { kFile, kSet };
  Kind kind = Kind::kFile;
  std::string name;  // of the file; unused for --set
  std::string text;
};

struct Place {
  static constexpr size_t kWhole =
      static_cast<size_t>(-1);  // the source as a whole: no line, no caret
  const Source* source = nullptr;
  size_t offset = kWhole;
};

// InvalidArgument, area kUser, in the form above, `what` ended by a full stop if it has no end of
// its own.
absl::Status ErrorAt(Place place, absl::string_view what);

// From 1; of a place in a file.
int LineNumber(Place place);

// User bytes fit to be shown in a message: one line, control characters replaced, at most
// `max_characters`.
std::string Shown(absl::string_view bytes, size_t max_characters = 60);

}  // namespace ssnas

#endif  // SSNAS_SPEC_SOURCE_H_
