#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/registry.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

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

}  // namespace

absl::StatusOr<std::string> ListPlugins(absl::string_view filter) {
  std::string text;
  for (const Plugin& plugin : AllPlugins()) {
    absl::StrAppend(&text, absl::StrFormat("%-13s %-20s %s   %s:%d\n", plugin.table->kind(), plugin.facts->name,
                                           plugin.facts->summary, plugin.facts->file, plugin.facts->line));
  }
  return text;
}

}  // namespace ssnas
