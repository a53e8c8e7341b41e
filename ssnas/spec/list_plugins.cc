#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/embedded_file.h"
#include "ssnas/spec/message_printer.h"
#include "ssnas/spec/proto_comments.h"
#include "ssnas/spec/resolve.h"
#include "ssnas/spec/source.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

struct Plugin {
  const PluginTable* table;
  const PluginFacts* facts;
};

std::vector<Plugin> AllPlugins() {
  std::vector<Plugin> plugins;
  for (const PluginTable* table : PluginTable::All()) {
    for (const std::string& name : table->Names()) plugins.push_back({table, *table->Find(name)});
  }
  return plugins;
}

// Characters, not bytes: summaries have × in them.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Table(const std::vector<Plugin>& plugins) {
  std::vector<std::vector<std::string>> rows = {{"KIND", "NAME", "WHAT IT IS", "DEFINED IN"}};
  for (const Plugin& plugin : plugins) {
    rows.push_back({plugin.table->kind(), plugin.facts->name, plugin.facts->summary,
                    absl::StrCat(plugin.facts->file, ":", plugin.facts->line)});
  }
  size_t widths[3] = {};
  for (const auto& row : rows) {
    for (size_t i = 0; i < 3; ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < 3; ++i) {
      absl::StrAppend(&text, row[i], std::string(widths[i] - Width(row[i]) + 2, ' '));
    }
    absl::StrAppend(&text, row[3], "\n");
  }
  return text;
}

// example.textproto of the plugin's folder, without its comments and indented; "" where it is not
// linked in.
std::string Example(const PluginFacts& facts) {
  absl::string_view folder = facts.file;
  folder = folder.substr(0, folder.rfind('/'));
  if (absl::ConsumePrefix(&folder, "external/")) folder.remove_prefix(folder.find('/') + 1);
  const auto example = EmbeddedFiles().find(absl::StrCat(folder, "/example.textproto"));
  if (example == EmbeddedFiles().end()) return "";
  std::string text = "\nexample\n";
  for (absl::string_view line : absl::StrSplit(example->second, '\n', absl::SkipWhitespace())) {
    if (line[0] != '#') absl::StrAppend(&text, "  ", line, "\n");
  }
  return text;
}

absl::StatusOr<std::string> Details(const Plugin& plugin) {
  const PluginFacts& facts = *plugin.facts;
  PluginSpec spec;
  spec.set_name(facts.name);
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Message> config, plugin.table->ResolveConfig(spec));
  SSNAS_RETURN_IF_ERROR(ResolveMessage(config.get()));
  std::string text =
      absl::StrCat(plugin.table->kind(), " ", facts.name, ": ", facts.summary, "\n", facts.file,
                   ":", facts.line, "\n\nconfig, ", config->GetTypeName(), "\n");
  ProtoComments protos;
  const auto comment = [&](const FieldDescriptor& field, int index, const Message*) {
    return index > 0 ? std::vector<std::string>()
                     : std::vector<std::string>{protos.Describe(field)};
  };
  const std::string fields = PrintMessage(*config, 2, comment);
  return absl::StrCat(text, fields.empty() ? "  none: it has no options\n" : fields,
                      Example(facts));
}

absl::Status NoSuchPlugin(absl::string_view filter, const std::vector<Plugin>& plugins) {
  std::vector<std::string> kinds, all;
  for (const Plugin& plugin : plugins) {
    if (kinds.empty() || kinds.back() != plugin.table->kind())
      kinds.push_back(plugin.table->kind());
    all.push_back(plugin.facts->name);
  }
  all.insert(all.end(), kinds.begin(), kinds.end());
  const std::string shown = Shown(filter);
  const std::string nearest = NearestName(shown, all);
  return InArea(ErrorArea::kUser,
                absl::NotFoundError(absl::StrCat(
                    "no plugin or kind '", shown, "'",
                    nearest.empty() ? "." : absl::StrCat("; did you mean '", nearest, "'?"),
                    " Kinds: ", absl::StrJoin(kinds, ", "), "; --list_plugins shows all.")));
}

}  // namespace

absl::StatusOr<std::string> ListPlugins(absl::string_view filter) {
  const std::vector<Plugin> all = AllPlugins();
  if (filter.empty()) return Table(all);
  std::vector<Plugin> kind;
  std::vector<std::string> details;
  for (const Plugin& plugin : all) {
    if (plugin.table->kind() == filter) kind.push_back(plugin);
    if (plugin.facts->name != filter) continue;
    SSNAS_ASSIGN_OR_RETURN(std::string text, Details(plugin));
    details.push_back(std::move(text));
  }
  if (!kind.empty()) return Table(kind);
  if (!details.empty()) return absl::StrJoin(details, "\n");
  return NoSuchPlugin(filter, all);
}

}  // namespace ssnas
