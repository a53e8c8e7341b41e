#include "ssnas/core/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

// Every table by kind; made on first use, never destroyed.
std::map<std::string, const PluginTable*, std::less<>>& Tables() {
  static auto* const tables = new std::map<std::string, const PluginTable*, std::less<>>;
  return *tables;
}

// Edits from a to b: insert, delete, replace, swap neighbours (optimal string alignment).
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

// `over` replaces what it sets; a list as a whole, which a plain merge would append.
void Overlay(const google::protobuf::Message& over, google::protobuf::Message* config) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  over.GetReflection()->ListFields(over, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->is_repeated()) config->GetReflection()->ClearField(config, field);
  }
  config->MergeFrom(over);
}

}  // namespace

std::string NearestName(absl::string_view name, const std::vector<std::string>& valid) {
  // Past a third of the name's length a suggestion misleads: "none" for "conv" is two edits.
  int best = std::max(1, static_cast<int>(name.size()) / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : valid) {
    int distance = EditDistance(name, candidate);
    // "steps" for "steps_per_epoch": many edits, but what was meant.
    if (absl::StartsWith(candidate, absl::StrCat(name, "_"))) distance = std::min(distance, 1);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

PluginTable::PluginTable(const char* kind) : kind_(kind) { Tables()[kind] = this; }

void PluginTable::Register(const PluginFacts& facts) {
  const auto [it, inserted] = plugins_.emplace(facts.name, facts);
  if (inserted) return;
  // Static initialisation: no logging yet, and no run can be right with one of the two left out.
  std::fprintf(stderr, "two plugins are the %s '%s': %s:%d and %s:%d. Rename one of them.\n", kind_,
               facts.name, it->second.file, it->second.line, facts.file, facts.line);
  std::abort();
}

std::vector<std::string> PluginTable::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, facts] : plugins_) names.push_back(name);
  return names;
}

absl::StatusOr<const PluginFacts*> PluginTable::Find(absl::string_view name) const {
  if (const auto it = plugins_.find(name); it != plugins_.end()) return &it->second;
  const std::vector<std::string> names = Names();
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat("no ", kind_, " '", name, "': none is linked in"));
  }
  const std::string nearest = NearestName(name, names);
  return absl::NotFoundError(absl::StrCat(
      "no ", kind_, " '", name, "'.",
      nearest.empty() ? "" : absl::StrCat(" Nearest: ", nearest, "."), " All ", names.size(), ": ",
      absl::StrJoin(names, ", "), " (--list_plugins=", kind_, ")."));
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> PluginTable::ResolveConfig(
    const PluginSpec& spec) const {
  SSNAS_ASSIGN_OR_RETURN(const PluginFacts* facts, Find(spec.name()));
  std::unique_ptr<google::protobuf::Message> config(facts->config_prototype()->New());
  if (!google::protobuf::TextFormat::ParseFromString(facts->preset, config.get())) {
    return absl::InternalError(absl::StrCat("preset of ", kind_, " '", facts->name, "' (",
                                            facts->file, ":", facts->line, ") is not a ",
                                            config->GetTypeName()));
  }
  if (!spec.has_config()) return config;
  const std::string& url = spec.config().type_url();
  const std::string given = url.substr(url.rfind('/') + 1);
  if (given != config->GetTypeName()) {
    return absl::InvalidArgumentError(absl::StrCat(kind_, " '", facts->name,
                                                   "' takes a config of type ",
                                                   config->GetTypeName(), ", not ", given));
  }
  std::unique_ptr<google::protobuf::Message> overlay(config->New());
  if (!overlay->ParseFromString(spec.config().value())) {
    return absl::InvalidArgumentError(
        absl::StrCat("config of ", kind_, " '", facts->name, "' does not parse as ", given));
  }
  Overlay(*overlay, config.get());
  return config;
}

const PluginTable* PluginTable::OfKind(absl::string_view kind) {
  const auto it = Tables().find(kind);
  return it == Tables().end() ? nullptr : it->second;
}

std::vector<const PluginTable*> PluginTable::All() {
  std::vector<const PluginTable*> all;
  for (const auto& [kind, table] : Tables()) all.push_back(table);
  return all;
}

}  // namespace ssnas
