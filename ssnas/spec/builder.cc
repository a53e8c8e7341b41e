#include "ssnas/spec/builder.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/proto/plugin.pb.h"
#include "ssnas/spec/field_rules.h"

namespace ssnas {
namespace {

using ::google::protobuf::Any;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr char kTypeUrlPrefix[] = "type.googleapis.com/";

bool IsWordCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// ", first in line 12", for places in a file.
std::string FirstAt(Place place) {
  if (place.source->kind != Source::Kind::kFile) return "";
  return absl::StrCat(", first in line ", LineNumber(place));
}

// Where `name` stands in `text` as a word of its own; npos if nowhere.
size_t FindWord(absl::string_view text, absl::string_view name) {
  for (size_t at = text.find(name); at != absl::string_view::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || !IsWordCharacter(text[at - 1])) &&
        (end == text.size() || !IsWordCharacter(text[end]))) {
      return at;
    }
  }
  return absl::string_view::npos;
}

// A plugin's own complaint stands at the first config field that it mentions, one of a --set before
// those of the file, which were there before; else at a field of a --set; else at `otherwise`.
Place PlaceOfComplaint(absl::string_view message, const std::vector<Field>& fields,
                       Place otherwise) {
  std::pair<int, size_t> best = {3, 0};
  for (const Field& field : fields) {
    const bool set = field.value.place.source->kind == Source::Kind::kSet;
    const size_t at = FindWord(message, field.name);
    const bool mentioned = at != absl::string_view::npos;
    if (!mentioned && !set) continue;
    const std::pair<int, size_t> rank = {mentioned ? (set ? 0 : 1) : 2, at};
    if (rank >= best) continue;
    best = rank;
    otherwise = field.value.place;
  }
  return otherwise;
}

// The fields of a config, out of their [type] if they are in one.
struct ConfigFields {
  const std::vector<Field>* fields;
  const Field* type = nullptr;  // the bracketed field
};

absl::StatusOr<ConfigFields> UnwrapConfig(const Value& config) {
  for (const Field& field : config.fields) {
    if (!field.bracketed) continue;
    if (config.fields.size() > 1) {
      return ErrorAt(field.place, "[type] { … } must be all that a config holds");
    }
    if (field.in_list || field.value.kind != Value::Kind::kMessage) {
      return ErrorAt(field.value.place, "expected { … } after the type of a config");
    }
    return ConfigFields{&field.value.fields, &field};
  }
  return ConfigFields{&config.fields};
}

class Builder {
 public:
  absl::Status Build(const std::vector<Field>& fields, Place place, const std::string& path,
                     Message* message) {
    SSNAS_RETURN_IF_ERROR(Fill(fields, path, message));
    return CheckRequired(*message, place, path);
  }

 private:
  static std::string Join(const std::string& path, const std::string& name) {
    return path.empty() ? name : absl::StrCat(path, ".", name);
  }

  absl::Status Fill(const std::vector<Field>& fields, const std::string& path, Message* message) {
    std::map<const FieldDescriptor*, Place> seen;
    for (const Field& given : fields) {
      if (given.bracketed) {
        return ErrorAt(given.place,
                       absl::StrCat("[", Shown(given.name),
                                    "] is for a plugin's config; here, name a field of ",
                                    message->GetTypeName()));
      }
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(given.name);
      if (field == nullptr) {
        return ErrorAt(given.place, NoSuchField(given.name, *message->GetDescriptor()));
      }
      const auto [first, is_first] = seen.emplace(field, given.place);
      if (!field->is_repeated()) {
        if (given.in_list) {
          return ErrorAt(given.value.place,
                         absl::StrCat(Join(path, given.name), " takes one value, not a list"));
        }
        if (!is_first) return Twice(given, first->second, Join(path, given.name));
      }
      SSNAS_RETURN_IF_ERROR(FillField(given, *field, path, message));
    }
    return absl::OkStatus();
  }

  static absl::Status Twice(const Field& given, Place first, const std::string& path) {
    return ErrorAt(given.place, absl::StrCat(path, " is given twice", FirstAt(first),
                                             "; remove one of the two."));
  }

  absl::Status FillField(const Field& given, const FieldDescriptor& field,
                         const std::string& parent, Message* message) {
    if (given.value.kind == Value::Kind::kEmptyList) return absl::OkStatus();
    const auto& reflection = *message->GetReflection();
    std::string path = Join(parent, field.name());
    if (field.is_repeated())
      absl::StrAppend(&path, "[", reflection.FieldSize(*message, &field), "]");
    if (field.message_type() == nullptr) return SetScalar(given, field, path, message);
    if (given.value.kind != Value::Kind::kMessage) return WrongValue(given, field, path);
    Message* child = field.is_repeated() ? reflection.AddMessage(message, &field)
                                         : reflection.MutableMessage(message, &field);
    if (child->GetDescriptor() == PluginSpec::descriptor()) {
      return Plugin(given, RuleOf(field).plugin(), path, static_cast<PluginSpec*>(child));
    }
    // The config of a plugin is filled by Plugin, which knows its type.
    if (child->GetDescriptor() == Any::descriptor()) return absl::OkStatus();
    return Build(given.value.fields, given.place, path, child);
  }

  absl::Status Plugin(const Field& given, const std::string& kind, const std::string& path,
                      PluginSpec* plugin) {
    const std::vector<Field>& fields = given.value.fields;
    SSNAS_RETURN_IF_ERROR(Fill(fields, path, plugin));
    SSNAS_ASSIGN_OR_RETURN(const PluginFacts* facts, FindPlugin(fields, given.place, kind));
    static const std::vector<Field>& none = *new std::vector<Field>;
    ConfigFields config{&none};
    Place place = FindField(fields, "name")->value.place;
    if (const Field* field = FindField(fields, "config"); field != nullptr) {
      SSNAS_ASSIGN_OR_RETURN(config, UnwrapConfig(field->value));
      SSNAS_RETURN_IF_ERROR(CheckType(config, *facts, kind, path, place));
      place = field->place;
      const std::unique_ptr<Message> message(facts->config_prototype()->New());
      SSNAS_RETURN_IF_ERROR(Fill(*config.fields, Join(path, "config"), message.get()));
      plugin->mutable_config()->set_type_url(absl::StrCat(kTypeUrlPrefix, message->GetTypeName()));
      plugin->mutable_config()->set_value(message->SerializePartialAsString());
    }
    // What is required may be in the preset, and what the factory checks is both together.
    auto resolved = PluginTable::OfKind(kind)->ResolveConfig(*plugin);
    if (!resolved.ok()) return ErrorAt(place, resolved.status().message());
    SSNAS_RETURN_IF_ERROR(CheckRequired(**resolved, place, Join(path, "config")));
    const absl::Status status = facts->check(**resolved);
    if (status.ok()) return status;
    return ErrorAt(PlaceOfComplaint(status.message(), *config.fields, place), status.message());
  }

  // `name` is where the plugin was named.
  static absl::Status CheckType(const ConfigFields& config, const PluginFacts& facts,
                                const std::string& kind, const std::string& path, Place name) {
    if (config.type == nullptr) return absl::OkStatus();
    const std::string& url = config.type->name;
    const std::string given = url.substr(url.rfind('/') + 1);
    const std::string wanted = facts.config_prototype()->GetTypeName();
    if (given == wanted) return absl::OkStatus();
    const bool known =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(given) != nullptr;
    std::string message =
        absl::StrCat(kind, " '", facts.name, "' takes a config of type ", wanted, ", not ",
                     Shown(given), known ? "." : ", and there is no such type.");
    if (name.source != config.type->place.source && name.source->kind == Source::Kind::kSet) {
      absl::StrAppend(&message, " To take another plugin without the config in the file: --set '",
                      path, "={name: \"", facts.name, "\"}'.");
    }
    return ErrorAt(config.type->place, message);
  }

  absl::Status CheckRequired(const Message& message, Place place, const std::string& path) {
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      const FieldRule& rule = RuleOf(field);
      if (!rule.required()) continue;
      const bool given = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                         : !reflection.HasField(message, &field) ? false
                         : field.type() == FieldDescriptor::TYPE_STRING
                             ? !reflection.GetString(message, &field).empty()
                             : true;
      if (!given) return Missing(field, place, Join(path, field.name()));
    }
    return absl::OkStatus();
  }

  static absl::Status Missing(const FieldDescriptor& field, Place place, const std::string& path) {
    std::string form =
        absl::StrCat(field.is_repeated() ? "at least one, each " : "", Expected(field));
    if (const std::string& kind = RuleOf(field).plugin(); !kind.empty()) {
      form = absl::StrCat(field.name(), " { name: \"…\" } (--list_plugins=", kind, ")");
    }
    return ErrorAt(place, absl::StrCat(path, " must be given: ", form, "."));
  }
};

}  // namespace

absl::StatusOr<const PluginFacts*> FindPlugin(const std::vector<Field>& fields, Place place,
                                              const std::string& kind) {
  const PluginTable* table = PluginTable::OfKind(kind);
  if (table == nullptr)
    return ErrorAt(place, absl::StrCat("no plugins of kind '", kind, "' are linked in"));
  const Field* name = FindField(fields, "name");
  if (name == nullptr) {
    return ErrorAt(place, absl::StrCat("this ", kind, " has no name: name: \"…\", one of ",
                                       absl::StrJoin(table->Names(), ", "), "."));
  }
  absl::StatusOr<const PluginFacts*> facts = table->Find(name->value.text);
  if (facts.ok()) return facts;
  // Once more for the message alone, with a name that is fit to be shown.
  std::string message(table->Find(Shown(name->value.text)).status().message());
  for (const PluginTable* other : PluginTable::All()) {
    if (other->Find(name->value.text).ok())
      absl::StrAppend(&message, " There is one of kind ", other->kind(), ".");
  }
  return ErrorAt(name->value.place, message);
}

absl::Status BuildMessage(const std::vector<Field>& fields, Place whole,
                          google::protobuf::Message* message) {
  return Builder().Build(fields, whole, "", message);
}

}  // namespace ssnas
