#include "ssnas/spec/reference.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/spec/cross_rules.h"
#include "ssnas/spec/field_rules.h"
#include "ssnas/spec/proto_comments.h"

namespace ssnas {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

// The rest is from protos and registrations.
constexpr char kIntroduction[] = R"(# The spec of an experiment

<!-- Written by ./bazelw run //ssnas/spec:write_reference; a test fails when it is out of date. -->

An experiment is one file of protobuf's text format, a `ssnas.ExperimentSpec`. `--print_spec` prints
one with every default written out, which can be saved and run as it is. `--list_plugins` lists what
can be named, `--list_plugins=NAME` shows one plugin's config. A mistake is told with file, line,
column and what would be right, before anything is written.

A plugin is named, and configured by the fields of its own config. Both forms mean the same:
```
objective { name: "nt_xent" config { temperature: 0.5 } }
objective {
  name: "nt_xent"
  config { [type.googleapis.com/ssnas.NtXentConfig] { temperature: 0.5 } }
}
```

## From the command line
`--set` changes a spec and may be repeated; the last one wins. Strings need no quotes.

| to | write |
|---|---|
| set a field | `--set search.epochs=10` |
| set a list | `--set 'search.seeds=[1, 2]'` |
| set one element, counted from 0; one past the last is added | `--set 'search.seeds[0]=7'` |
| reach into a plugin's config | `--set objective.config.temperature=0.1` |
| choose a plugin by its name | `--set 'augmentation[color_jitter].config.hue=0'` |
| replace a section | `--set 'pretrain={ epochs: 5 }'` |
| replace a plugin and its config | `--set 'objective={name: cross_entropy}'` |
| take something out | `--set=-search`, `--set='-augmentation[flip]'` |
)";

// Text fit for a cell of a table.
std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"<", "&lt;"}});
}

std::string Takes(const FieldDescriptor& field) {
  const std::string& kind = RuleOf(field).plugin();
  std::string text = !kind.empty() ? absl::StrCat("a plugin: [", kind, "](#", kind, ")")
                     : field.message_type() != nullptr
                         ? absl::StrCat("[", field.message_type()->name(), "](#",
                                        absl::AsciiStrToLower(field.message_type()->name()), ")")
                         : Expected(field);
  if (field.is_repeated()) text = absl::StrCat("list, each ", text);
  if (RuleOf(field).required()) absl::StrAppend(&text, "; must be given");
  return text;
}

std::string FieldTable(const Descriptor& message, const ProtoComments& comments) {
  if (message.field_count() == 0) return "It has no options.\n";
  std::string text = "| field | takes | default | what it is |\n|---|---|---|---|\n";
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    absl::StrAppend(&text, "| `", field.name(), "` | ", Cell(Takes(field)), " | ",
                    Cell(DefaultText(field)), " | ", Cell(comments.Of(field)), " |\n");
  }
  return text;
}

// Messages that a spec is made of, in the order in which they are met, each with the paths where it
// is.
struct Section {
  const Descriptor* message;
  std::vector<std::string> paths;
};

void CollectSections(const Descriptor& message, const std::string& path,
                     std::vector<Section>* sections) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const Descriptor* type = field.message_type();
    if (type == nullptr || type == PluginSpec::descriptor()) continue;
    const std::string child = absl::StrCat(path, path.empty() ? "" : ".", field.name());
    const auto known =
        std::find_if(sections->begin(), sections->end(),
                     [&](const Section& section) { return section.message == type; });
    if (known != sections->end()) {
      known->paths.push_back(child);
      continue;
    }
    sections->push_back({type, {child}});
    CollectSections(*type, child, sections);
  }
}

std::string SectionText(const Section& section, const ProtoComments& comments) {
  const std::string comment = comments.Of(*section.message);
  return absl::StrCat("\n### ", section.message->name(), "\n", "`",
                      absl::StrJoin(section.paths, "`, `"), "`.", comment.empty() ? "" : " ",
                      Cell(comment), "\n\n", FieldTable(*section.message, comments));
}

// All plugins of a kind, and the config of each family once.
absl::StatusOr<std::string> KindText(const PluginTable& table, const ProtoComments& comments) {
  std::string text = absl::StrCat("\n### ", table.kind(),
                                  "\n| name | what it is | config | preset |\n|---|---|---|---|\n");
  std::map<std::string, const Descriptor*> configs;
  for (const std::string& name : table.Names()) {
    SSNAS_ASSIGN_OR_RETURN(const PluginFacts* facts, table.Find(name));
    const Descriptor& config = *facts->config_prototype()->GetDescriptor();
    configs.emplace(config.name(), &config);
    absl::StrAppend(&text, "| `", name, "` | ", Cell(facts->summary), " | ", config.name(), " | ",
                    facts->preset[0] == '\0' ? "" : absl::StrCat("`", Cell(facts->preset), "`"),
                    " |\n");
  }
  for (const auto& [name, config] : configs) {
    if (config->field_count() > 0)
      absl::StrAppend(&text, "\n**", name, "**\n\n", FieldTable(*config, comments));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReferencePage() {
  const ProtoComments comments;
  std::string text =
      absl::StrCat(kIntroduction,
                   "\n## Sections\nA stage runs when its section is there. What is left out "
                   "has its default.\n\n",
                   FieldTable(*ExperimentSpec::descriptor(), comments));
  std::vector<Section> sections;
  CollectSections(*ExperimentSpec::descriptor(), "", &sections);
  for (const Section& section : sections) absl::StrAppend(&text, SectionText(section, comments));
  absl::StrAppend(&text, "\n## Rules between fields\n");
  for (const std::string& rule : CrossRuleTexts()) absl::StrAppend(&text, "- ", Cell(rule), "\n");
  absl::StrAppend(&text, "\n## Plugins\n");
  for (const PluginTable* table : PluginTable::All()) {
    SSNAS_ASSIGN_OR_RETURN(const std::string kind, KindText(*table, comments));
    absl::StrAppend(&text, kind);
  }
  return text;
}

}  // namespace ssnas
