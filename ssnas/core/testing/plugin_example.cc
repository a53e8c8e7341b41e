#include "ssnas/core/testing/plugin_example.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

absl::StatusOr<PluginSpec> ReadPluginExample(const std::string& registered_in) {
  absl::string_view folder(registered_in);
  folder.remove_suffix(folder.size() - folder.rfind('/'));
  // A test runs in its own repository's folder, and the others lie beside that.
  const bool external = absl::ConsumePrefix(&folder, "external/");
  const std::string path = absl::StrCat(external ? "../" : "", folder, "/example.textproto");
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  PluginSpec spec;
  if (!google::protobuf::TextFormat::ParseFromString(text, &spec)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no ssnas.PluginSpec"));
  }
  return spec;
}

}  // namespace ssnas
