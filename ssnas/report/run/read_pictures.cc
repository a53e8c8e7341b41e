#include "ssnas/report/run/read_pictures.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "ssnas/report/run/json_fields.h"
#include "ssnas/report/run/json_lines.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxImages = 64;
constexpr size_t kMaxNeighbors = 8;

// The base64 text of a PNG, or "" when it is something else.
std::string CheckedPng(const Json& member) {
  std::string bytes;
  if (!member.is_string() || !absl::Base64Unescape(member.get<std::string>(), &bytes) ||
      !absl::StartsWith(bytes, "\x89PNG\r\n\x1A\n")) {
    return "";
  }
  return absl::Base64Escape(bytes);
}

std::string NoPicture(const std::string& file, size_t number) {
  return absl::StrCat(file, ": image ", number, " is not a PNG in base64; it is left out");
}

// No neighbour that is not a picture with its similarity.
ImageNeighbors ParseNeighbors(const Json& entry) {
  ImageNeighbors row{.picture = CheckedPng(Member(entry, "image"))};
  for (const Json& neighbor : Member(entry, "neighbors")) {
    const std::string picture = CheckedPng(Member(neighbor, "image"));
    const std::optional<double> similarity = NumberField(neighbor, "similarity");
    if (row.neighbors.size() == kMaxNeighbors) break;
    if (!picture.empty() && similarity) row.neighbors.push_back({picture, *similarity});
  }
  return row;
}

}  // namespace

void ReadViews(const std::string& folder, RunData* run) {
  const Json sheet = ReadJsonObject(folder, "views.json", &run->problems);
  run->image_size = IntegerField(sheet, "size");
  size_t number = 0;
  for (const Json& entry : Member(sheet, "images")) {
    if (++number > kMaxImages) break;
    ImageViews image;
    image.original = CheckedPng(Member(entry, "original"));
    bool good = !image.original.empty();
    for (const Json& view : Member(entry, "views")) {
      image.views.push_back(CheckedPng(view));
      good = good && !image.views.back().empty();
    }
    if (good) {
      run->images.push_back(std::move(image));
    } else {
      run->problems.push_back(NoPicture("views.json", number));
    }
  }
}

void ReadNeighbors(const std::string& folder, RunData* run) {
  if (run->pretrained.empty()) return;
  const auto found = std::find_if(run->pretrained.begin(), run->pretrained.end(),
                                  [](const TrainingRun& run) { return run.name == "found"; });
  const std::string& stage =
      found == run->pretrained.end() ? run->pretrained.front().stage : found->stage;
  const std::string file = absl::StrCat(stage, "/neighbors.json");
  const Json json = ReadJsonObject(folder, file, &run->problems);
  NeighborSheet sheet{.stage = stage, .images = IntegerField(json, "images")};
  size_t number = 0;
  for (const Json& entry : Member(json, "queries")) {
    if (++number > kMaxImages) break;
    ImageNeighbors row = ParseNeighbors(entry);
    if (!row.picture.empty() && !row.neighbors.empty()) {
      sheet.rows.push_back(std::move(row));
    } else {
      run->problems.push_back(NoPicture(file, number));
    }
  }
  if (sheet.rows.empty()) return;
  sheet.held_out =
      IntegerField(json, "held_out_queries").value_or(0) >= static_cast<int64_t>(number);
  run->neighbors = std::move(sheet);
}

}  // namespace ssnas::report
