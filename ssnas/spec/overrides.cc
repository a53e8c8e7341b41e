#include "ssnas/spec/overrides.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/any.pb.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/utf8.h"
#include "ssnas/spec/builder.h"
#include "ssnas/spec/field_rules.h"
#include "ssnas/spec/parser.h"

namespace ssnas {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

// "augmentation[flip]" of a path.
struct Step {
  std::string name;
  std::string selector;
  bool selects = false;
};

class Override {
 public:
  Override(const Source& set, const Descriptor& root, std::vector<Field>* fields)
      : set_(set), place_{&set, 0}, type_(&root), fields_(fields) {}

  absl::Status Apply() {
    const bool removes = !set_.text.empty() && set_.text[0] == '-';
    const size_t equals = removes ? set_.text.size() : set_.text.find('=');
    if (equals == std::string::npos) {
      return Error("expected path=value, as in search.epochs=10, or -path to take a field out.");
    }
    const size_t begin = removes ? 1 : 0;
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Step> steps,
                           Split(absl::string_view(set_.text).substr(begin, equals - begin)));
    for (size_t i = 0; i < steps.size(); ++i) {
      const FieldDescriptor* field = type_->FindFieldByName(steps[i].name);
      if (field == nullptr) return Error(NoSuchField(steps[i].name, *type_));
      path_ += absl::StrCat(path_.empty() ? "" : ".", steps[i].name);
      if (steps[i].selects && !field->is_repeated()) {
        return Error(absl::StrCat(path_, " is not a list; write it without [",
                                  Shown(steps[i].selector), "]."));
      }
      if (i + 1 < steps.size()) {
        SSNAS_RETURN_IF_ERROR(Enter(*field, steps[i], steps[i + 1].name));
      } else {
        SSNAS_RETURN_IF_ERROR(removes ? Remove(*field, steps[i])
                                      : Assign(*field, steps[i], equals + 1));
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Error(absl::string_view message) const { return ErrorAt(place_, message); }

  absl::StatusOr<std::vector<Step>> Split(absl::string_view path) const {
    std::vector<Step> steps;
    for (size_t at = 0; at <= path.size();) {
      Step step;
      const size_t name_end = std::min(path.find_first_of(".[", at), path.size());
      step.name = std::string(absl::StripAsciiWhitespace(path.substr(at, name_end - at)));
      at = name_end;
      if (at < path.size() && path[at] == '[') {
        const size_t close = path.find(']', at);
        if (close == absl::string_view::npos) return Error("the path has a '[' without ']'.");
        step.selects = true;
        step.selector =
            std::string(absl::StripAsciiWhitespace(path.substr(at + 1, close - at - 1)));
        at = close + 1;
      }
      if (step.name.empty() || (at < path.size() && path[at] != '.')) {
        return Error("expected a path of field names joined by '.', as in search.epochs=10.");
      }
      steps.push_back(std::move(step));
      ++at;
    }
    if (steps.size() > kMaxNesting) return Error("this path is longer than any spec is deep.");
    return steps;
  }

  // Positions in fields_ of the elements of a repeated field, or of a singular one.
  std::vector<size_t> Positions(const std::string& name) const {
    std::vector<size_t> positions;
    for (size_t i = 0; i < fields_->size(); ++i) {
      const Field& field = (*fields_)[i];
      const bool element = field.value.kind != Value::Kind::kEmptyList;
      if (!field.bracketed && field.name == name && element) positions.push_back(i);
    }
    return positions;
  }

  // Which element a selector means: a number, or the name of a plugin. One past the last is a new
  // one.
  absl::StatusOr<size_t> Element(const FieldDescriptor& field, const Step& step,
                                 const std::vector<size_t>& positions) const {
    size_t index = 0;
    if (absl::SimpleAtoi(step.selector, &index)) {
      if (index <= positions.size()) return index;
      return Error(absl::StrCat(path_, " has ", positions.size(), " elements, counted from 0; ",
                                path_, "[", positions.size(), "] would be a new one."));
    }
    std::vector<std::string> names;
    for (const size_t position : positions) {
      const Field* name = FindField((*fields_)[position].value.fields, "name");
      names.push_back(name == nullptr ? "" : name->value.text);
    }
    const bool plugins = !RuleOf(field).plugin().empty();
    const auto first = std::find(names.begin(), names.end(), step.selector);
    if (!plugins || first == names.end()) {
      const std::string nearest = plugins ? NearestName(Shown(step.selector), names) : "";
      return Error(absl::StrCat(
          "no element '", Shown(step.selector), "' in ", path_,
          nearest.empty() ? "." : absl::StrCat("; did you mean '", Shown(nearest), "'?"),
          " It has ", names.size(),
          plugins && !names.empty() ? absl::StrCat(": ", Shown(absl::StrJoin(names, ", "), 300))
                                    : "",
          "."));
    }
    if (std::count(names.begin(), names.end(), step.selector) > 1) {
      return Error(absl::StrCat(path_, " has several of the name '", Shown(step.selector),
                                "'; say which by its number, counted from 0."));
    }
    return static_cast<size_t>(first - names.begin());
  }

  Field NewField(const std::string& name, Value::Kind kind) const {
    Field field;
    field.name = name;
    field.place = place_;
    field.value.kind = kind;
    field.value.place = place_;
    return field;
  }

  // Goes on in a message field, which is made if it is not there.
  absl::Status Enter(const FieldDescriptor& field, const Step& step, const std::string& next) {
    if (field.message_type() == nullptr) {
      return Error(
          absl::StrCat(path_, " is ", Expected(field), "; it has no field '", Shown(next), "'."));
    }
    std::vector<size_t> positions = Positions(step.name);
    size_t index = 0;
    if (field.is_repeated()) {
      if (!step.selects) {
        return Error(absl::StrCat(
            path_, " is a list of ", positions.size(), "; say which: ", path_, "[0]",
            RuleOf(field).plugin().empty() ? "" : absl::StrCat(" or ", path_, "[NAME]"), "."));
      }
      SSNAS_ASSIGN_OR_RETURN(index, Element(field, step, positions));
      absl::StrAppend(&path_, "[", index, "]");
    }
    if (index == positions.size()) {
      positions.push_back(fields_->size());
      fields_->push_back(NewField(step.name, Value::Kind::kMessage));
    }
    Field& entered = (*fields_)[positions[index]];
    if (entered.value.kind != Value::Kind::kMessage) return WrongValue(entered, field, path_);
    if (field.message_type() == google::protobuf::Any::descriptor())
      return EnterConfig(&entered.value);
    kind_ = RuleOf(field).plugin();
    type_ = field.message_type();
    fields_ = &entered.value.fields;
    return absl::OkStatus();
  }

  // `config`, a field of fields_, whose type the plugin's name implies.
  absl::Status EnterConfig(Value* config) {
    SSNAS_ASSIGN_OR_RETURN(const PluginFacts* facts, FindPlugin(*fields_, place_, kind_));
    type_ = facts->config_prototype()->GetDescriptor();
    fields_ = &config->fields;
    if (fields_->size() == 1 && fields_->front().bracketed)
      fields_ = &fields_->front().value.fields;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Field>> ReadValue(const FieldDescriptor& field, size_t offset) const {
    const Field named = NewField(field.name(), Value::Kind::kWord);
    const absl::string_view text =
        absl::StripAsciiWhitespace(absl::string_view(set_.text).substr(offset));
    if (text.empty()) {
      return Error(absl::StrCat("no value after '='; expected ", Expected(field), " for ", path_,
                                ", or --set=-", path_, " to take it out of the spec."));
    }
    const bool plain = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && text[0] != '"' &&
                       text[0] != '\'' && text[0] != '[';
    if (!plain) return ParseValue(set_, offset, named);
    std::vector<Field> fields = {named};
    fields[0].value.text = std::string(text);
    return fields;
  }

  absl::Status Assign(const FieldDescriptor& field, const Step& step, size_t offset) {
    std::vector<size_t> positions = Positions(step.name);
    SSNAS_ASSIGN_OR_RETURN(std::vector<Field> fields, ReadValue(field, offset));
    if (field.is_repeated() && !step.selects) {
      Erase(step.name);
      fields_->insert(fields_->end(), fields.begin(), fields.end());
      return absl::OkStatus();
    }
    size_t index = 0;
    if (step.selects) {
      SSNAS_ASSIGN_OR_RETURN(index, Element(field, step, positions));
    }
    if (fields[0].in_list)
      return Error(absl::StrCat(path_, step.selects ? "[…]" : "", " takes one value, not a list."));
    if (index < positions.size()) {
      (*fields_)[positions[index]] = std::move(fields[0]);
    } else {
      fields_->push_back(std::move(fields[0]));
    }
    return absl::OkStatus();
  }

  absl::Status Remove(const FieldDescriptor& field, const Step& step) {
    const std::vector<size_t> positions = Positions(step.name);
    if (!step.selects) {
      if (positions.empty()) return Error(absl::StrCat(path_, " is not in the spec."));
      Erase(step.name);
      return absl::OkStatus();
    }
    SSNAS_ASSIGN_OR_RETURN(const size_t index, Element(field, step, positions));
    if (index == positions.size()) {
      return Error(absl::StrCat(path_, " has ", index, " elements, counted from 0."));
    }
    fields_->erase(fields_->begin() + static_cast<ptrdiff_t>(positions[index]));
    return absl::OkStatus();
  }

  void Erase(const std::string& name) {
    fields_->erase(
        std::remove_if(fields_->begin(), fields_->end(),
                       [&](const Field& field) { return !field.bracketed && field.name == name; }),
        fields_->end());
  }

  const Source& set_;
  const Place place_;
  const Descriptor* type_;
  std::vector<Field>* fields_;
  std::string path_;
  std::string kind_;  // of the plugin whose fields fields_ are
};

}  // namespace

absl::Status ApplySet(const Source& set, const Descriptor& root, std::vector<Field>* fields) {
  // Before any of it is shown or taken as a string that needs no parsing.
  if (!IsUtf8(set.text)) return ErrorAt({&set, 0}, "the text is not UTF-8.");
  return Override(set, root, fields).Apply();
}

}  // namespace ssnas
