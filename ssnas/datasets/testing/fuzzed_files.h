// What fuzz targets of data sets share: any bytes as files, and what must hold of them.
//
// Example:
//   const std::string folder = WriteFuzzedFiles("cifar10", {"test_batch.bin"}, bytes);
//   CheckFuzzedDataset(*dataset, folder, Split::kTest);
#ifndef SSNAS_DATASETS_TESTING_FUZZED_FILES_H_
#define SSNAS_DATASETS_TESTING_FUZZED_FILES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ssnas/datasets/dataset.h"

namespace ssnas {

// A folder of the target's own in $TEST_TMPDIR, with these files of the same bytes.
std::string WriteFuzzedFiles(const std::string& target, const std::vector<std::string>& names,
                             absl::string_view bytes);

// Images are as many as the data set says and labels as many and of its classes, or both calls say
// DataLoss. Ends the program where that does not hold.
void CheckFuzzedDataset(const Dataset& dataset, const std::string& folder, Split split);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_TESTING_FUZZED_FILES_H_
