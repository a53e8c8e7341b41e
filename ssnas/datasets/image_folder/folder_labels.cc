#include "ssnas/datasets/image_folder/folder_labels.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/image_folder/folder_listing.h"
#include "ssnas/datasets/image_folder/label_csv.h"

namespace ssnas {
namespace {

constexpr size_t kShown = 5;

// "a.jpg, b.jpg … (12 in all)"
std::string Some(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) shown.push_back(ShownPath(names[i]));
  return absl::StrCat(absl::StrJoin(shown, ", "),
                      names.size() > kShown ? absl::StrCat(" … (", names.size(), " in all)") : "");
}

absl::StatusOr<std::vector<int32_t>> Numbered(const std::vector<std::string>& names,
                                              const std::vector<std::string>& all, int classes) {
  const std::vector<std::string> class_names = ClassNames(all);
  if (static_cast<int>(class_names.size()) != classes) {
    return absl::FailedPreconditionError(absl::StrCat(
        "classes is ", classes, ", but there are ", class_names.size(), ": ", Some(class_names),
        ". Set dataset.config.classes to ", class_names.size(), "."));
  }
  std::map<std::string, int32_t> number;
  for (const std::string& name : class_names) {
    number.emplace(name, static_cast<int32_t>(number.size()));
  }
  std::vector<int32_t> labels;
  for (const std::string& name : names) labels.push_back(number.at(name));
  return labels;
}

}  // namespace

absl::StatusOr<std::vector<int32_t>> FolderLabels(const std::vector<std::string>& paths,
                                                  const std::vector<std::string>& all,
                                                  int classes) {
  const auto folder = [](const std::string& path) { return path.substr(0, path.find('/')); };
  std::vector<std::string> names, all_names, without;
  for (const std::string& path : paths) {
    if (path.find('/') == std::string::npos) without.push_back(path);
    names.push_back(folder(path));
  }
  if (!without.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "labels are FOLDERS, but these images lie in no folder of a class: ", Some(without),
        ". Move them into one, or set labels to NONE or CSV."));
  }
  // A folder may have changed since the images were read.
  all_names = names;
  for (const std::string& path : all) {
    if (path.find('/') != std::string::npos) all_names.push_back(folder(path));
  }
  return Numbered(names, all_names, classes);
}

absl::StatusOr<std::vector<int32_t>> CsvLabels(const std::vector<std::string>& paths,
                                               absl::string_view csv, int classes) {
  SSNAS_ASSIGN_OR_RETURN(const LabelTable table, ParseLabelCsv(csv));
  std::vector<std::string> names, all_names, without;
  for (const std::string& path : paths) {
    const auto found = table.label.find(path);
    if (found == table.label.end()) {
      without.push_back(path);
    } else {
      names.push_back(found->second);
    }
  }
  if (!without.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("these images have no label: ", Some(without),
                     ". Add them (paths are below the folder of images), or remove the files."));
  }
  for (const auto& [path, name] : table.label) all_names.push_back(name);
  return Numbered(names, all_names, classes);
}

}  // namespace ssnas
