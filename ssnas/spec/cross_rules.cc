#include "ssnas/spec/cross_rules.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ssnas/core/readable.h"
#include "ssnas/spec/field_rules.h"

namespace ssnas {
namespace {

// What a rule has to say, and of which field ("" is the spec as a whole).
struct Complaint {
  std::string path;
  std::string message;
};
using Verdict = std::optional<Complaint>;

// The name becomes a folder: runs/<name>.
Verdict NameIsAFileName(const ExperimentSpec& spec) {
  const std::string& name = spec.name();
  bool good = name.size() <= 100 && name[0] != '.' && name[0] != '-';
  for (const char c : name)
    good = good && (absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.');
  if (good) return std::nullopt;
  return Complaint{
      "name", absl::StrCat("name becomes a folder: at most 100 of A-Z, a-z, 0-9, '_', '-', '.', "
                           "and no '.' or '-' first; got \"",
                           Shown(name), "\".")};
}

Verdict SomethingToDo(const ExperimentSpec& spec) {
  if (spec.has_search() || spec.has_random() || spec.has_architecture()) return std::nullopt;
  const std::string how = "give search { … }, random { … } or architecture: \"FILE\".";
  if (spec.has_pretrain())
    return Complaint{"pretrain", absl::StrCat("pretrain has no cell to train: ", how)};
  if (spec.has_evaluate())
    return Complaint{"evaluate", absl::StrCat("evaluate has no cell to train: ", how)};
  return Complaint{"", absl::StrCat("nothing to do: ", how)};
}

Verdict SearchOrArchitecture(const ExperimentSpec& spec) {
  if (!spec.has_search() || !spec.has_architecture()) return std::nullopt;
  return Complaint{"architecture",
                   "architecture is instead of a search, so nothing would read search; take one "
                   "out (--set=-search)."};
}

Verdict SpaceIsRead(const ExperimentSpec& spec) {
  const bool wanted = spec.has_search() || spec.has_random();
  if (wanted == spec.has_space()) return std::nullopt;
  if (!wanted)
    return Complaint{"space", "nothing reads space without search or random; take it out."};
  const std::string section = spec.has_search() ? "search" : "random";
  return Complaint{section,
                   absl::StrCat(section, " needs a space { candidate { name: \"…\" } … }.")};
}

Verdict ProbeHasAPretrainedNetwork(const ExperimentSpec& spec) {
  if (!spec.has_probe() || spec.has_pretrain()) return std::nullopt;
  return Complaint{"probe", "probe needs pretrain { … }, whose networks it probes."};
}

Verdict CandidatesDiffer(const ExperimentSpec& spec) {
  std::map<std::string, int> seen;
  for (int i = 0; i < spec.space().candidate_size(); ++i) {
    const auto [first, inserted] = seen.emplace(spec.space().candidate(i).SerializeAsString(), i);
    if (inserted) continue;
    return Complaint{
        absl::StrCat("space.candidate[", i, "]"),
        absl::StrCat("space.candidate[", i, "] is the same as candidate[", first->second, "], ",
                     spec.space().candidate(i).name(), "; take one out.")};
  }
  return std::nullopt;
}

Verdict SeedsDiffer(const ExperimentSpec& spec) {
  std::set<uint64_t> seen;
  for (int i = 0; i < spec.search().seeds_size(); ++i) {
    if (seen.insert(spec.search().seeds(i)).second) continue;
    return Complaint{absl::StrCat("search.seeds[", i, "]"),
                     absl::StrCat("search.seeds has ", spec.search().seeds(i),
                                  " twice, which would be the same search.")};
  }
  return std::nullopt;
}

Verdict Schedule(const SgdSpec& sgd, const std::string& path, int epochs) {
  if (sgd.final_learning_rate() > sgd.learning_rate()) {
    return Complaint{
        absl::StrCat(path, ".final_learning_rate"),
        absl::StrCat(path, ".final_learning_rate is ", Readable(sgd.final_learning_rate()),
                     ", above the learning_rate it falls from, ", Readable(sgd.learning_rate()),
                     ".")};
  }
  if (sgd.warmup_epochs() > epochs) {
    return Complaint{absl::StrCat(path, ".warmup_epochs"),
                     absl::StrCat(path, ".warmup_epochs is ", sgd.warmup_epochs(),
                                  ", but there are only ", epochs, " epochs.")};
  }
  return std::nullopt;
}

Verdict SchedulesFall(const ExperimentSpec& spec) {
  const SearchSpec& search = spec.search();
  const PretrainSpec& pretrain = spec.pretrain();
  const EvaluateSpec& evaluate = spec.evaluate();
  if (auto verdict = Schedule(search.weights(), "search.weights", search.epochs())) return verdict;
  if (auto verdict = Schedule(pretrain.sgd(), "pretrain.sgd", pretrain.epochs())) return verdict;
  return Schedule(evaluate.sgd(), "evaluate.sgd", evaluate.epochs());
}

// Adam divides by 1 − βᵗ.
Verdict BetasBelowOne(const ExperimentSpec& spec) {
  const AdamSpec& adam = spec.search().alphas();
  for (const auto& [name, beta] :
       {std::pair("beta1", adam.beta1()), std::pair("beta2", adam.beta2())}) {
    if (beta < 1) continue;
    return Complaint{
        absl::StrCat("search.alphas.", name),
        absl::StrCat("search.alphas.", name, " must be below 1: Adam divides by 1 − ", name, "ᵗ.")};
  }
  return std::nullopt;
}

Verdict Bf16IsFused(const ExperimentSpec& spec) {
  const RuntimeSpec& runtime = spec.runtime();
  if (runtime.pointwise() != RuntimeSpec::BFLOAT16 || runtime.engine() == RuntimeSpec::FUSED) {
    return std::nullopt;
  }
  return Complaint{"runtime.pointwise",
                   absl::StrCat("runtime.pointwise: BFLOAT16 is a mode of engine FUSED, and "
                                "runtime.engine is ",
                                RuntimeSpec::Engine_Name(runtime.engine()),
                                ", which is exact to float32; take FLOAT32 or FUSED.")};
}

// The text is what docs/spec.md says.
struct CrossRule {
  const char* text;
  Verdict (*check)(const ExperimentSpec& spec);
};
constexpr CrossRule kRules[] = {
    {"`name` can be the name of a folder.", NameIsAFileName},
    {"There is something to do: `search`, `random` or `architecture`.", SomethingToDo},
    {"`architecture` is instead of `search`.", SearchOrArchitecture},
    {"`space` is there when `search` or `random` is, and not otherwise.", SpaceIsRead},
    {"`probe` comes with `pretrain`.", ProbeHasAPretrainedNetwork},
    {"No candidate of `space` is there twice with the same config.", CandidatesDiffer},
    {"No seed of `search.seeds` is there twice.", SeedsDiffer},
    {"In every `SgdSpec`, `final_learning_rate` is at most `learning_rate`, and `warmup_epochs` at "
     "most the section's `epochs`.",
     SchedulesFall},
    {"`search.alphas.beta1` and `beta2` are below 1.", BetasBelowOne},
    {"`runtime.pointwise` is `FLOAT32` where `runtime.engine` is not `FUSED`.", Bf16IsFused},
};

// The field at `path` in what was written, or the nearest one around it.
Place PlaceOf(absl::string_view path, const std::vector<Field>& fields, Place around) {
  const std::vector<Field>* level = &fields;
  for (absl::string_view step : absl::StrSplit(path, '.')) {
    size_t index = 0;
    const size_t bracket = step.find('[');
    if (bracket != absl::string_view::npos) {
      (void)absl::SimpleAtoi(absl::StripSuffix(step.substr(bracket + 1), "]"), &index);
      step = step.substr(0, bracket);
    }
    const Field* found = nullptr;
    for (const Field& field : *level) {
      if (field.name == step && index-- == 0) found = &field;
    }
    if (found == nullptr) return around;
    around = found->value.kind == Value::Kind::kMessage ? found->place : found->value.place;
    level = &found->value.fields;
  }
  return around;
}

}  // namespace

std::vector<std::string> CrossRuleTexts() {
  std::vector<std::string> texts;
  for (const CrossRule& rule : kRules) texts.emplace_back(rule.text);
  return texts;
}

absl::Status CheckCrossRules(const ExperimentSpec& spec, const std::vector<Field>& fields,
                             Place whole) {
  for (const CrossRule& rule : kRules) {
    const Verdict verdict = rule.check(spec);
    if (verdict.has_value())
      return ErrorAt(PlaceOf(verdict->path, fields, whole), verdict->message);
  }
  return absl::OkStatus();
}

}  // namespace ssnas
