// The labels of images of a folder: from the names of the folders they lie in, or from a CSV.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const std::vector<int32_t> labels,
//                          FolderLabels({"cat/a.jpg"}, {"cat/a.jpg", "dog/b.jpg"}, 2));  // {0}
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LABELS_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LABELS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

// The place of the first part of each path among those of `all`, by name. FailedPrecondition names
// images that lie in no folder, or says that there are not `classes`.
absl::StatusOr<std::vector<int32_t>> FolderLabels(const std::vector<std::string>& paths,
                                                  const std::vector<std::string>& all, int classes);

// By the text of a CSV (label_csv.h), which may name other files too. FailedPrecondition names the
// images that it lacks, or says that it has not `classes`.
absl::StatusOr<std::vector<int32_t>> CsvLabels(const std::vector<std::string>& paths,
                                               absl::string_view csv, int classes);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LABELS_H_
