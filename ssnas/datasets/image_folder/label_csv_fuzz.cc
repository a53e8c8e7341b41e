// Any text is a table whose paths and labels are not empty, or an error that names a line.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/image_folder/label_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto table = ssnas::ParseLabelCsv({reinterpret_cast<const char*>(data), size});
  if (!table.ok()) {
    CHECK(absl::StartsWith(table.status().message(), "line ")) << table.status();
    return 0;
  }
  std::vector<std::string> labels;
  for (const auto& [path, label] : table->label) {
    CHECK(!path.empty() && !label.empty());
    labels.push_back(label);
  }
  CHECK_LE(ssnas::ClassNames(labels).size(), labels.size());
  return 0;
}
