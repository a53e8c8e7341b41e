#include "ssnas/training/summary.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/version.h"
#include "ssnas/networks/counting.h"
#include "ssnas/training/loss_title.h"
#include "ssnas/training/network_stage.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

const char* StageKindName(const std::string& stage) {
  static constexpr const char* kKinds[] = {"search",   "derive", "random",
                                           "pretrain", "probe",  "evaluate"};
  for (const char* kind : kKinds) {
    if (absl::StartsWith(stage, kind)) return kind;
  }
  return "";
}

std::string FileText(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  return text.ok() ? *std::move(text) : std::string();
}

// Time, rate, wait and memory of a stage, over every process that worked on it (steps done twice
// count twice).
Json StageCost(const std::string& stage, const std::string& folder) {
  double seconds = 0, waited = 0, images = 0;
  int64_t peak = 0;
  std::istringstream lines(FileText(JoinPath(folder, "timings.jsonl")));
  for (std::string line; std::getline(lines, line);) {
    // A line that a kill cut short is skipped: it is a timing, nothing depends on it.
    const Json timing = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!timing.is_object()) continue;
    const double step = timing.value("seconds", 0.0);
    seconds += step;
    waited += timing.value("wait_seconds", 0.0);
    images += step * timing.value("images_per_second", 0.0);
    peak = std::max(peak, timing.value("peak_memory_bytes", int64_t{0}));
  }
  return {{"name", stage},          {"kind", StageKindName(stage)},
          {"seconds", seconds},     {"images_per_second", seconds > 0 ? images / seconds : 0.0},
          {"wait_seconds", waited}, {"peak_memory_bytes", peak}};
}

std::string NetworkTitle(const std::string& role, bool given) {
  if (role == "found") return given ? "given cell" : "found without labels";
  if (role == "untrained") return "found, untrained";
  return absl::StrCat("random cell ", role.substr(role.rfind('_') + 1));
}

Json Optional(const Json& object, const char* key) {
  return object.is_object() ? object.value(key, Json()) : Json();
}

int64_t LabelsUsed(const Json& result) {
  return result.is_object() ? result.value("labels_used", int64_t{0}) : 0;
}

Json FindResult(const StageResults& results, const std::string& name) {
  const auto it = results.find(name);
  return it == results.end() ? Json() : it->second;
}

// One row of the table: what the stages of this role left.
absl::StatusOr<Json> NetworkRow(const RunContext& context, const StageResults& results,
                                const std::string& role) {
  const ExperimentSpec& spec = *context.spec;
  const Json pretrain = FindResult(results, absl::StrCat("pretrain/", role));
  const Json probe = FindResult(results, absl::StrCat("probe/", role));
  const Json evaluate = FindResult(results, absl::StrCat("evaluate/", role));
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell,
                         ArchitectureOf(results, role == "untrained" ? "found" : role));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work, DerivedNetworkWork(context, cell));
  const Json error =
      evaluate.is_object() ? Json(1.0 - evaluate.value("test_accuracy", 0.0)) : Json();
  const Json& tested = probe.is_object() ? probe : evaluate;
  return Json{{"name", NetworkTitle(role, spec.has_architecture())},
              {"role", absl::StartsWith(role, "random") ? "random" : role},
              {"stage", role},
              {"seed", spec.seed()},
              {"parameters", work.parameters},
              {"multiply_adds", work.multiply_adds},
              {"contrastive_loss", Optional(pretrain, "loss")},
              {"contrastive_validation_loss", Optional(pretrain, "validation_loss")},
              {"probe_accuracy", Optional(probe, "test_accuracy")},
              {"probe_train_accuracy", Optional(probe, "train_accuracy")},
              {"test_error", error},
              {"test_images", Optional(tested, "test_images")},
              {"labels_used", std::max(LabelsUsed(probe), LabelsUsed(evaluate))}};
}

// How many bad steps a stage had, and what the first was; from its metrics.
void AddBadSteps(const std::string& stage, const std::string& folder, Json* notes) {
  std::istringstream lines(FileText(JoinPath(folder, "metrics.jsonl")));
  int64_t bad = 0;
  Json first;
  for (std::string line; std::getline(lines, line);) {
    if (!absl::StrContains(line, "\"bad_step\"")) continue;
    const Json metric = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!metric.is_object() || metric.value("event", "") != "bad_step") continue;
    if (first.is_null()) first = metric;
    bad = metric.value("bad_steps", int64_t{0});
  }
  if (bad == 0) return;
  notes->push_back(
      absl::StrCat(stage, ": ", bad == 1 ? "1 step was" : absl::StrCat(bad, " steps were"),
                   " bad and left out (", first.value("policy", ""), "), among them step ",
                   first.value("step", int64_t{0}), ": ", first.value("reason", ""), "."));
}

// What a run found that its user should know.
Json Notes(const std::string& top, const std::vector<Stage>& stages, const StageResults& results) {
  Json notes = Json::array();
  for (const Stage& stage : stages) {
    AddBadSteps(stage.name, JoinPath(top, stage.name), &notes);
  }
  const auto derive = results.find("derive");
  if (derive == results.end()) return notes;
  absl::StatusOr<Architecture> cell = ArchitectureOf(results, "found");
  if (!cell.ok()) return notes;
  const auto skips =
      std::count_if(cell->normal().edge().begin(), cell->normal().edge().end(),
                    [](const Edge& e) { return e.operation().name() == "skip_connect"; });
  if (2 * skips > cell->normal().edge_size()) {
    notes.push_back(absl::StrCat(
        "The normal cell has ", skips, " skip connections of ", cell->normal().edge_size(),
        " edges: a sign of a search that collapsed. Fewer epochs may help."));
  }
  return notes;
}

Json LeftOutFiles(const DataSource& data) {
  Json files = Json::array();
  for (const LeftOutFile& file : data.LeftOut()) {
    files.push_back({{"file", file.file}, {"reason", file.reason}});
  }
  return files;
}

// Of the stages that train or probe a network, each role once, in their order.
std::vector<std::string> TrainedRoles(const std::vector<Stage>& stages) {
  std::vector<std::string> roles;
  for (const Stage& stage : stages) {
    const bool trains = stage.kind == StageKind::kPretrain || stage.kind == StageKind::kProbe ||
                        stage.kind == StageKind::kEvaluate;
    if (trains && std::find(roles.begin(), roles.end(), stage.role) == roles.end()) {
      roles.push_back(stage.role);
    }
  }
  return roles;
}

}  // namespace

absl::StatusOr<std::string> ResultDigest(const RunContext& context,
                                         const std::vector<Stage>& stages) {
  std::vector<std::string> names;
  for (const Stage& stage : stages) names.push_back(stage.name);
  std::sort(names.begin(), names.end());
  Sha256Stream sha;
  for (const std::string& name : names) {
    const std::string path = JoinPath(JoinPath(context.folder->path(), name), "final.safetensors");
    if (!PathExists(path)) continue;
    SSNAS_ASSIGN_OR_RETURN(TensorFile file, ReadSafetensors(path));
    std::sort(file.tensors.begin(), file.tensors.end(),
              [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
    for (const NamedTensor& tensor : file.tensors) {
      sha.Update(absl::StrCat(name, "\n", tensor.name, "\n", tensor.dtype, "\n",
                              absl::StrJoin(tensor.shape, ","), "\n"));
      sha.Update(tensor.bytes);
    }
  }
  sha.Update(FileText(JoinPath(context.folder->path(), "architecture.textproto")));
  return sha.Finish();
}

absl::StatusOr<Json> WriteSummary(const RunContext& context, const std::vector<Stage>& stages,
                                  const StageResults& results, const SummaryFacts& facts) {
  const std::string& top = context.folder->path();
  Json networks = Json::array();
  for (const std::string& role : TrainedRoles(stages)) {
    SSNAS_ASSIGN_OR_RETURN(const Json row, NetworkRow(context, results, role));
    networks.push_back(row);
  }
  SSNAS_ASSIGN_OR_RETURN(const std::string digest, ResultDigest(context, stages));
  int64_t labels_read = 0;
  Json costs = Json::array();
  double seconds = 0;
  for (const Stage& stage : stages) {
    costs.push_back(StageCost(stage.name, JoinPath(top, stage.name)));
    seconds += costs.back()["seconds"].get<double>();
    const Json result = FindResult(results, stage.name);
    if (stage.kind == StageKind::kSearch) labels_read += result.value("labels_read", int64_t{0});
  }
  Json summary = {{"experiment", context.spec->name()},
                  {"seed", context.spec->seed()},
                  {"result_digest", digest},
                  {"labels_read_by_search", labels_read},
                  {"networks", networks}};
  SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(top, "results.json"), summary.dump(1) + "\n"));

  const int classes = context.data->info().num_classes;
  summary["title"] = context.data->info().title;
  summary["finished"] = true;
  summary["loss_title"] = LossTitle(context.spec->objective().name());
  summary["threads"] = context.folder->threads();
  summary["cpu"] = facts.cpu;
  summary["engine"] = context.engine->name();
  summary["version"] = kVersion;
  summary["commit"] = facts.commit;
  summary["command"] = facts.command;
  summary["wall_seconds"] = seconds;
  summary["stages"] = costs;
  summary["best_search"] = Optional(FindResult(results, "derive"), "search");
  summary["notes"] = Notes(top, stages, results);
  summary["left_out"] = LeftOutFiles(*context.data);
  summary["probe_chance"] = classes > 0 ? Json(1.0 / classes) : Json();
  SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(top, "summary.json"), summary.dump(1) + "\n"));
  return summary;
}

std::string ResultTable(const Json& summary) {
  const auto cell = [](const Json& value, int decimals, double scale, const char* unit) {
    return value.is_number()
               ? absl::StrFormat("%.*f%s", decimals, scale * value.get<double>(), unit)
               : std::string("–");
  };
  std::vector<std::vector<std::string>> rows = {
      {"network", "parameters",
       absl::StrCat(summary.value("loss_title", std::string("loss")), " (held out)"),
       "probe accuracy", "test error", "test images", "labels used"}};
  for (const Json& network : summary["networks"]) {
    rows.push_back(
        {network["name"].get<std::string>(), cell(network["parameters"], 0, 1, ""),
         cell(network["contrastive_validation_loss"], 3, 1, ""),
         cell(network["probe_accuracy"], 2, 100, " %"), cell(network["test_error"], 2, 100, " %"),
         cell(network["test_images"], 0, 1, ""), cell(network["labels_used"], 0, 1, "")});
  }
  std::vector<int> widths(rows[0].size(), 0);
  const auto length = [](const std::string& text) {  // characters, not bytes
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  };
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], length(row[i]));
  }
  std::string table;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - length(row[i]), ' ');
      absl::StrAppend(&line, i == 0 ? row[i] + pad : "   " + pad + row[i]);
    }
    absl::StrAppend(&table, line, "\n");
  }
  return table;
}

}  // namespace ssnas
