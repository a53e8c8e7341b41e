#include "ssnas/datasets/planar_records.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/packed_images.h"

namespace ssnas {

std::string PathOfFile(const PublishedFiles& release, const std::string& data_dir,
                       const std::string& name) {
  const std::string here = JoinPath(data_dir, name);
  const std::string below = JoinPath(JoinPath(data_dir, release.folder), name);
  return !PathExists(here) && PathExists(below) ? below : here;
}

absl::Status MissingFile(const PublishedFiles& release, const std::string& data_dir,
                         const std::string& name) {
  return absl::NotFoundError(
      absl::StrCat(release.dataset, ": ", name, " not found", data_dir.empty() ? "" : " in ",
                   data_dir, ". Expected ", release.expected, ", from ", release.archive,
                   ". Get them with\n    ", "./bazelw run //tools:fetch_data -- ", release.dataset,
                   " --to=DIR\n", "and give the folder that has them with --data_dir"));
}

absl::Status Damaged(const PublishedFiles& release, const std::string& path,
                     absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat(release.dataset, ": ", path, what, ". Unpack ", release.archive, " again"));
}

absl::Status WrongSize(const RecordFiles& files, const std::string& path,
                       const std::string& found) {
  const char* const unit = files.layout.size > 0 ? "images" : "labels";
  return Damaged(
      files.release, path,
      absl::StrCat(" has ", found, " bytes; expected ", files.records * files.layout.record_bytes(),
                   " (", files.records, " ", unit, ")"));
}

absl::StatusOr<std::string> ReadRecordFile(const RecordFiles& files, const std::string& data_dir,
                                           const std::string& name) {
  if (data_dir.empty()) return MissingFile(files.release, "", name);
  const std::string path = PathOfFile(files.release, data_dir, name);
  const size_t size = files.records * files.layout.record_bytes();
  absl::StatusOr<std::string> bytes = ReadFile(path, size);
  if (absl::IsNotFound(bytes.status())) return MissingFile(files.release, data_dir, name);
  if (absl::IsResourceExhausted(bytes.status())) {
    return WrongSize(files, path, absl::StrCat("more than ", size));
  }
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() != size) return WrongSize(files, path, absl::StrCat(bytes->size()));
  return bytes;
}

void PlanesToPixels(const PlanarLayout& layout, absl::string_view planes, uint8_t* pixels) {
  const size_t size = layout.size, plane = size * size;
  const size_t row_step = layout.column_major ? 1 : size;
  const size_t column_step = layout.column_major ? size : 1;
  for (size_t row = 0; row < size; ++row) {
    for (size_t column = 0; column < size; ++column) {
      const size_t at = row * row_step + column * column_step;
      for (size_t c = 0; c < PlanarLayout::kChannels; ++c) {
        *pixels++ = static_cast<uint8_t>(planes[c * plane + at]);
      }
    }
  }
}

absl::StatusOr<std::unique_ptr<ImageSet>> ReadPlanarImages(const RecordFiles& files,
                                                           const std::string& data_dir) {
  const PlanarLayout& layout = files.layout;
  std::vector<uint8_t> pixels;
  for (const std::string& name : files.names) {
    SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadRecordFile(files, data_dir, name));
    // Not before a file was found, and for all of them at once.
    pixels.reserve(files.names.size() * files.records * layout.image_bytes());
    const size_t before = pixels.size();
    pixels.resize(before + files.records * layout.image_bytes());
    for (int64_t i = 0; i < files.records; ++i) {
      const absl::string_view record =
          absl::string_view(bytes).substr(i * layout.record_bytes(), layout.record_bytes());
      PlanesToPixels(layout, record.substr(layout.label_bytes),
                     &pixels[before + i * layout.image_bytes()]);
    }
  }
  return std::make_unique<PackedImages>(layout.size, layout.size, PlanarLayout::kChannels,
                                        std::move(pixels));
}

absl::StatusOr<std::vector<int32_t>> ReadRecordLabels(const RecordFiles& files,
                                                      const LabelByte& label,
                                                      const std::string& data_dir) {
  const int last = label.first + label.classes - 1;
  std::vector<int32_t> labels;
  for (const std::string& name : files.names) {
    SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadRecordFile(files, data_dir, name));
    for (int64_t i = 0; i < files.records; ++i) {
      const int found = static_cast<uint8_t>(bytes[i * files.layout.record_bytes() + label.offset]);
      if (found < label.first || found > last) {
        return Damaged(files.release, PathOfFile(files.release, data_dir, name),
                       absl::StrCat(": image ", i, " has label ", found, "; expected ", label.first,
                                    " to ", last));
      }
      labels.push_back(found - label.first);
    }
  }
  return labels;
}

}  // namespace ssnas
