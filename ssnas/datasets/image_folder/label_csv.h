// Labels from a file of "path,label" lines.
//
// Fields may be in double quotes, in which "" stands for one; CRLF, a byte-order mark, empty lines
// and a first line "path,label" are allowed. Paths are below the images' folder; "./" before them
// is dropped.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const LabelTable table, ParseLabelCsv("a.jpg,cat\nb/c.png,dog\n"));
//   table.label.at("b/c.png");  // "dog"
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_LABEL_CSV_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_LABEL_CSV_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

struct LabelTable {
  std::map<std::string, std::string> label;  // by path
};

// InvalidArgument begins with the line: "line 3: …".
absl::StatusOr<LabelTable> ParseLabelCsv(absl::string_view text);

// The classes of these labels in their order: by number if all are whole numbers, else by name.
std::vector<std::string> ClassNames(const std::vector<std::string>& labels);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_LABEL_CSV_H_
