#include "ssnas/training/stage_graph.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/out_of_memory.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/network_stage.h"
#include "ssnas/training/probe_stage.h"
#include "ssnas/training/search_stage.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

const char* KindName(StageKind kind) {
  switch (kind) {
    case StageKind::kSearch:
      return "search";
    case StageKind::kDerive:
      return "derive";
    case StageKind::kRandom:
      return "random";
    case StageKind::kPretrain:
      return "pretrain";
    case StageKind::kProbe:
      return "probe";
    case StageKind::kEvaluate:
      return "evaluate";
  }
  return "";
}

// The part of the spec that a stage of this kind reads, as text. Runtime settings that change no
// result stay out.
std::string RelevantSpec(const ExperimentSpec& spec, StageKind kind) {
  ExperimentSpec part = spec;
  part.clear_name();
  part.mutable_runtime()->clear_loader_threads();
  part.mutable_runtime()->clear_on_bad_step();
  part.mutable_runtime()->clear_max_bad_steps();
  if (kind != StageKind::kSearch) part.clear_search();
  if (kind != StageKind::kRandom) part.clear_random();
  if (kind != StageKind::kPretrain && kind != StageKind::kProbe) part.clear_pretrain();
  if (kind != StageKind::kProbe) part.clear_probe();
  if (kind != StageKind::kEvaluate) part.clear_evaluate();
  std::string text;
  google::protobuf::TextFormat::PrintToString(part, &text);
  return text;
}

class GraphBuilder {
 public:
  explicit GraphBuilder(const ExperimentSpec& spec) : spec_(spec) {}

  std::vector<Stage> Build() && {
    AddCells();
    for (const std::string& role : roles_) {
      if (spec_.has_pretrain()) AddPretrain(role);
    }
    if (spec_.has_probe() && spec_.has_pretrain()) AddProbes();
    for (const std::string& role : roles_) {
      if (spec_.has_evaluate()) AddEvaluate(role);
    }
    return std::move(stages_);
  }

 private:
  void Add(Stage stage) {
    std::string text = absl::StrCat(stage.name, "\n", RelevantSpec(spec_, stage.kind));
    for (const std::string& input : stage.inputs) absl::StrAppend(&text, digests_[input], "\n");
    stage.digest = Sha256(text);
    digests_[stage.name] = stage.digest;
    stages_.push_back(std::move(stage));
  }

  void AddCells() {
    std::vector<std::string> searches;
    if (spec_.has_search() && !spec_.has_architecture()) {
      std::vector<uint64_t> seeds(spec_.search().seeds().begin(), spec_.search().seeds().end());
      if (seeds.empty()) seeds.push_back(spec_.seed());
      for (const uint64_t seed : seeds) {
        searches.push_back(absl::StrCat("search/seed_", seed));
        Add({.kind = StageKind::kSearch,
             .name = searches.back(),
             .run = [seed](const RunContext& context, const StageInfo& info, const StageResults&) {
               return RunSearchStage(context, info, seed);
             }});
      }
    }
    if (!searches.empty() || spec_.has_architecture()) {
      roles_.push_back("found");
      Add({.kind = StageKind::kDerive,
           .name = "derive",
           .role = "found",
           .inputs = searches,
           .run = RunDeriveStage});
    }
    if (!spec_.has_random()) return;
    Add({.kind = StageKind::kRandom,
         .name = "random",
         .run = [](const RunContext& context, const StageInfo& info, const StageResults&) {
           return RunRandomStage(context, info);
         }});
    for (int i = 1; i <= spec_.random().samples(); ++i)
      roles_.push_back(absl::StrCat("random_", i));
  }

  static std::string CellStage(const std::string& role) {
    return role == "found" || role == "untrained" ? "derive" : "random";
  }

  void AddPretrain(const std::string& role) {
    Add({.kind = StageKind::kPretrain,
         .name = absl::StrCat("pretrain/", role),
         .role = role,
         .inputs = {CellStage(role)},
         .run = [role](const RunContext& context, const StageInfo& info,
                       const StageResults& results) -> absl::StatusOr<Json> {
           SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ArchitectureOf(results, role));
           return RunPretrainStage(context, info, cell);
         }});
  }

  void AddEvaluate(const std::string& role) {
    Add({.kind = StageKind::kEvaluate,
         .name = absl::StrCat("evaluate/", role),
         .role = role,
         .inputs = {CellStage(role)},
         .run = [role](const RunContext& context, const StageInfo& info,
                       const StageResults& results) -> absl::StatusOr<Json> {
           SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ArchitectureOf(results, role));
           return RunEvaluateStage(context, info, cell);
         }});
  }

  void AddProbe(const std::string& role, const std::string& cell_role,
                const std::string& pretrained) {
    Add({.kind = StageKind::kProbe,
         .name = absl::StrCat("probe/", role),
         .role = role,
         .inputs = {pretrained.empty() ? CellStage(role) : pretrained},
         .run = [cell_role, pretrained](const RunContext& context, const StageInfo& info,
                                        const StageResults& results) -> absl::StatusOr<Json> {
           SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ArchitectureOf(results, cell_role));
           return RunProbeStage(context, info, cell, pretrained);
         }});
  }

  void AddProbes() {
    for (const std::string& role : roles_) AddProbe(role, role, absl::StrCat("pretrain/", role));
    const bool found = std::find(roles_.begin(), roles_.end(), "found") != roles_.end();
    if (spec_.probe().untrained() && found) AddProbe("untrained", "found", "");
  }

  const ExperimentSpec& spec_;
  std::vector<Stage> stages_;
  std::map<std::string, std::string> digests_;
  std::vector<std::string> roles_;
};

// The line that stays for a stage whose work has no bar, and for one that was finished before.
std::string ResultLine(const Stage& stage, const Json& result) {
  const auto number = [&](const char* key) { return result.value(key, 0.0); };
  switch (stage.kind) {
    case StageKind::kSearch:
      return absl::StrFormat("loss %.3f   labels read: %d", number("weight_loss_mean"),
                             result.value("labels_read", 0));
    case StageKind::kDerive:
      return absl::StrCat("cell of ", result.value("search", std::string("the given file")));
    case StageKind::kRandom:
      return absl::StrCat(result.value("architectures", Json::array()).size(), " random cells");
    case StageKind::kPretrain:
      return absl::StrFormat("loss %.3f", number("loss"));
    case StageKind::kProbe:
    case StageKind::kEvaluate:
      return absl::StrFormat("accuracy %.2f %% on %d test images", 100 * number("test_accuracy"),
                             result.value("test_images", 0));
  }
  return "";
}

absl::StatusOr<Json> RunStage(const RunContext& context, const Stage& stage, const StageInfo& info,
                              const StageResults& results) {
  auto finished = context.folder->StageResult(stage.name, stage.digest);
  if (!finished.ok()) return InArea(ErrorArea::kRunFolder, finished.status());
  if (finished->has_value()) {
    Json result = Json::parse(**finished, nullptr, /*allow_exceptions=*/false);
    if (!result.is_object()) {
      return InArea(ErrorArea::kRunFolder,
                    absl::DataLossError(absl::StrCat(stage.name,
                                                     "/result.json is damaged; delete the folder ",
                                                     stage.name, " to run that stage again")));
    }
    std::fprintf(context.progress.out, "%s finished before   %s\n", info.label.c_str(),
                 ResultLine(stage, result).c_str());
    return result;
  }
  if (ShutdownSignal() != 0) return StoppedStatus();
  SetMemoryAdvice(absl::StrFormat(
      "It was in stage %s, before any estimate was made. Fewer images or a smaller batch need "
      "less: --print_spec shows the fields of its section.",
      stage.name));
  SSNAS_ASSIGN_OR_RETURN(Json result, stage.run(context, info, results));
  SSNAS_RETURN_IF_ERROR(context.folder->FinishStage(stage.name, stage.digest, result.dump(1)));
  std::fprintf(context.progress.out, "%s finished   %s\n", info.label.c_str(),
               ResultLine(stage, result).c_str());
  return result;
}

}  // namespace

std::vector<Stage> BuildStages(const ExperimentSpec& spec) { return GraphBuilder(spec).Build(); }

std::vector<Stage> StagesUpTo(std::vector<Stage> stages, StageKind last) {
  std::erase_if(stages, [last](const Stage& stage) { return stage.kind > last; });
  return stages;
}

std::string DescribeStages(const std::vector<Stage>& stages) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < stages.size();) {
    size_t end = i;
    std::vector<std::string> members;
    for (; end < stages.size() && stages[end].kind == stages[i].kind; ++end) {
      members.push_back(stages[end].name.substr(stages[end].name.find('/') + 1));
    }
    const std::string kind = KindName(stages[i].kind);
    parts.push_back(members.size() == 1 && members[0] == kind
                        ? kind
                        : absl::StrCat(kind, " (", absl::StrJoin(members, ", "), ")"));
    i = end;
  }
  return absl::StrJoin(parts, " → ");
}

absl::Status PreflightStages(const RunContext& context, const std::vector<Stage>& stages) {
  const auto any = [&](StageKind kind) {
    return std::any_of(stages.begin(), stages.end(),
                       [kind](const Stage& stage) { return stage.kind == kind; });
  };
  if (any(StageKind::kSearch)) {
    SSNAS_RETURN_IF_ERROR(PreflightSearch(context, context.spec->seed()));
  }
  if (!any(StageKind::kPretrain) && !any(StageKind::kEvaluate)) return absl::OkStatus();
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell, GivenOrRandomArchitecture(*context.spec));
  if (any(StageKind::kPretrain)) SSNAS_RETURN_IF_ERROR(PreflightPretraining(context, cell));
  return any(StageKind::kEvaluate) ? PreflightEvaluation(context, cell) : absl::OkStatus();
}

absl::StatusOr<StageResults> RunStages(const RunContext& context,
                                       const std::vector<Stage>& stages) {
  size_t width = 0;
  for (const Stage& stage : stages) width = std::max(width, stage.name.size());
  StageResults results;
  for (size_t i = 0; i < stages.size(); ++i) {
    const Stage& stage = stages[i];
    const StageInfo info{.name = stage.name,
                         .label = absl::StrFormat("[%d/%d] %-*s", i + 1, stages.size(),
                                                  static_cast<int>(width), stage.name),
                         .digest = stage.digest};
    SSNAS_ASSIGN_OR_RETURN(results[stage.name], RunStage(context, stage, info, results));
    std::fflush(context.progress.out);
  }
  return results;
}

}  // namespace ssnas
