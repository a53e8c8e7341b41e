#include "ssnas/report/run/read_summary.h"

#include "nlohmann/json.hpp"
#include "ssnas/report/run/json_fields.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::json;

// A share: what is outside 0 … 1 was not written by a run.
std::optional<double> ShareField(const Json& object, const char* key) {
  const std::optional<double> value = NumberField(object, key);
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

NetworkResult ParseNetwork(const Json& object) {
  return {.name = TextField(object, "name"),
          .role = TextField(object, "role"),
          .seed = IntegerField(object, "seed"),
          .parameters = NumberField(object, "parameters"),
          .multiply_adds = NumberField(object, "multiply_adds"),
          .contrastive_loss = NumberField(object, "contrastive_loss"),
          .contrastive_validation_loss = NumberField(object, "contrastive_validation_loss"),
          .probe_accuracy = ShareField(object, "probe_accuracy"),
          .probe_train_accuracy = ShareField(object, "probe_train_accuracy"),
          .test_error = ShareField(object, "test_error"),
          .test_images = NumberField(object, "test_images"),
          .labels_used = NumberField(object, "labels_used")};
}

}  // namespace

Summary ParseSummary(const Json& object) {
  Summary summary = {.experiment = TextField(object, "experiment"),
                     .title = TextField(object, "title"),
                     .loss_title = TextField(object, "loss_title"),
                     .seed = IntegerField(object, "seed"),
                     .finished = FlagField(object, "finished", false),
                     .digest = TextField(object, "result_digest"),
                     .labels_read_by_search = IntegerField(object, "labels_read_by_search"),
                     .threads = IntegerField(object, "threads"),
                     .cpu = TextField(object, "cpu"),
                     .engine = TextField(object, "engine"),
                     .version = TextField(object, "version"),
                     .commit = TextField(object, "commit"),
                     .command = TextField(object, "command"),
                     .wall_seconds = NumberField(object, "wall_seconds"),
                     .best_search = TextField(object, "best_search"),
                     .probe_chance = ShareField(object, "probe_chance")};
  for (const Json& network : Member(object, "networks")) {
    if (network.is_object()) summary.networks.push_back(ParseNetwork(network));
  }
  for (const Json& note : Member(object, "notes")) {
    if (note.is_string()) summary.notes.push_back(note.get<std::string>());
  }
  for (const Json& file : Member(object, "left_out")) {
    if (!file.is_object()) continue;
    summary.left_out.push_back(
        {.file = TextField(file, "file"), .reason = TextField(file, "reason")});
  }
  return summary;
}

std::vector<StageCost> ParseCosts(const Json& object) {
  std::vector<StageCost> costs;
  for (const Json& stage : Member(object, "stages")) {
    const std::optional<double> seconds = NumberField(stage, "seconds");
    const std::string name = TextField(stage, "name");
    if (name.empty() || !seconds || *seconds < 0) continue;
    costs.push_back({.name = name,
                     .kind = TextField(stage, "kind"),
                     .seconds = *seconds,
                     .images_per_second = NumberField(stage, "images_per_second"),
                     .wait_seconds = NumberField(stage, "wait_seconds"),
                     .peak_memory_bytes = NumberField(stage, "peak_memory_bytes")});
  }
  return costs;
}

}  // namespace ssnas::report
