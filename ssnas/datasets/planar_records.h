// Files of published data sets that are records of one size: label bytes, then an image plane by
// plane (CIFAR, STL-10).
//
// Example:
//   const RecordFiles files = {.release = kRelease, .layout = {.label_bytes = 1, .size = 32},
//                              .names = {"test_batch.bin"}, .records = 10000};
//   SSNAS_ASSIGN_OR_RETURN(auto images, ReadPlanarImages(files, data_dir));
//   SSNAS_ASSIGN_OR_RETURN(auto labels, ReadRecordLabels(files, {.classes = 10}, data_dir));
#ifndef SSNAS_DATASETS_PLANAR_RECORDS_H_
#define SSNAS_DATASETS_PLANAR_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/datasets/dataset.h"

namespace ssnas {

// What messages say of a data set.
struct PublishedFiles {
  std::string dataset;   // name of the plugin
  std::string expected;  // "the six files of the binary version"
  std::string archive;   // name, size, checksum
  std::string folder;    // the archive's own; files may be in --data_dir or in this folder below it
};

struct PlanarLayout {
  static constexpr int kChannels = 3;

  int label_bytes = 0;        // before the image
  int size = 0;               // height and width; 0: labels alone
  bool column_major = false;  // planes are stored column by column, not row by row

  size_t image_bytes() const { return static_cast<size_t>(kChannels) * size * size; }
  size_t record_bytes() const { return label_bytes + image_bytes(); }
};

struct RecordFiles {
  PublishedFiles release;
  PlanarLayout layout;
  std::vector<std::string> names;  // in order
  int64_t records = 0;             // of each file
};

// Which byte of a record is the label, and what it may be: first … first + classes − 1.
struct LabelByte {
  int offset = 0;
  int first = 0;
  int classes = 0;
};

// Where `name` is, or where it would be looked for first.
std::string PathOfFile(const PublishedFiles& release, const std::string& data_dir,
                       const std::string& name);
// NotFound: what is expected where, the archive that has it, and the command that gets it.
absl::Status MissingFile(const PublishedFiles& release, const std::string& data_dir,
                         const std::string& name);
// DataLoss: `path` has `found`, "3,000 bytes", instead of records · record_bytes bytes.
absl::Status WrongSize(const RecordFiles& files, const std::string& path, const std::string& found);
// DataLoss: `what` is wrong in `path`; unpack again.
absl::Status Damaged(const PublishedFiles& release, const std::string& path,
                     absl::string_view what);

// The bytes of one file, which are records · record_bytes. NotFound and DataLoss as above.
absl::StatusOr<std::string> ReadRecordFile(const RecordFiles& files, const std::string& data_dir,
                                           const std::string& name);

// Planes of one image to size × size × 3 bytes, channels fastest, rows before columns.
void PlanesToPixels(const PlanarLayout& layout, absl::string_view planes, uint8_t* pixels);

// All images of the files, in memory.
absl::StatusOr<std::unique_ptr<ImageSet>> ReadPlanarImages(const RecordFiles& files,
                                                           const std::string& data_dir);
// All labels, counted from 0. DataLoss names the first that is out of range.
absl::StatusOr<std::vector<int32_t>> ReadRecordLabels(const RecordFiles& files,
                                                      const LabelByte& label,
                                                      const std::string& data_dir);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_PLANAR_RECORDS_H_
