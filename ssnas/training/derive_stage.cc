#include "ssnas/training/derive_stage.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/search/derive.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// The search with the least loss on its alpha half; the first of equals.
std::string BestSearch(const StageResults& results) {
  std::string best;
  double least = 0;
  for (const auto& [name, result] : results) {
    if (!absl::StartsWith(name, "search/")) continue;
    const double loss = result.value("alpha_loss_mean", 0.0);
    if (best.empty() || loss < least) {
      best = name;
      least = loss;
    }
  }
  return best;
}

absl::StatusOr<Architecture> FromSearch(const RunContext& context, const std::string& search) {
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(search));
  SSNAS_ASSIGN_OR_RETURN(const TensorFile tensors,
                         ReadSafetensors(JoinPath(folder, "final.safetensors")));
  SSNAS_ASSIGN_OR_RETURN(const NamedTensor* alphas, tensors.Find("search.alphas"));
  const SearchSpace& space = context.spec->space();
  const int64_t count = 2 * int64_t{EdgeCount(space.nodes())} * space.candidate_size();
  SSNAS_ASSIGN_OR_RETURN(const std::vector<float> values, alphas->Floats(count));
  return DeriveArchitecture(space, values);
}

// The cell in a file of the user's.
absl::StatusOr<Architecture> GivenArchitecture(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(UserPath(path), /*max_bytes=*/1 << 20));
  return ParseArchitecture(text, path);
}

}  // namespace

absl::StatusOr<Architecture> GivenOrRandomArchitecture(const ExperimentSpec& spec) {
  if (!spec.has_architecture()) return RandomArchitecture(spec.space(), spec.seed(), /*index=*/0);
  auto given = GivenArchitecture(spec.architecture());
  if (!given.ok()) return InArea(ErrorArea::kUser, given.status());
  return given;
}

absl::StatusOr<Json> RunDeriveStage(const RunContext& context, const StageInfo& stage,
                                    const StageResults& results) {
  Json result;
  Architecture architecture;
  if (context.spec->has_architecture()) {
    SSNAS_ASSIGN_OR_RETURN(architecture, GivenOrRandomArchitecture(*context.spec));
  } else {
    const std::string search = BestSearch(results);
    auto derived = FromSearch(context, search);
    if (!derived.ok()) return InArea(ErrorArea::kRunFolder, derived.status());
    architecture = *std::move(derived);
    result["search"] = search;
  }
  const std::string text = PrintArchitecture(architecture);
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder, "architecture.textproto"), text));
  SSNAS_RETURN_IF_ERROR(
      WriteFileAtomically(JoinPath(context.folder->path(), "architecture.textproto"), text));
  result["architecture"] = text;
  return result;
}

absl::StatusOr<Json> RunRandomStage(const RunContext& context, const StageInfo& stage) {
  Json texts = Json::array();
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  for (int i = 1; i <= context.spec->random().samples(); ++i) {
    SSNAS_ASSIGN_OR_RETURN(const Architecture architecture,
                           RandomArchitecture(context.spec->space(), context.spec->seed(), i));
    texts.push_back(PrintArchitecture(architecture));
    SSNAS_RETURN_IF_ERROR(WriteFileAtomically(
        JoinPath(folder, absl::StrCat("architecture_", i, ".textproto")), texts.back()));
  }
  return Json{{"architectures", texts}};
}

absl::StatusOr<Architecture> ArchitectureOf(const StageResults& results, const std::string& role) {
  absl::string_view number = role;
  int index = 0;
  Json text;
  if (absl::ConsumePrefix(&number, "random_") && absl::SimpleAtoi(number, &index)) {
    const auto it = results.find("random");
    if (it != results.end()) {
      const Json texts = it->second.value("architectures", Json::array());
      if (index >= 1 && index <= static_cast<int>(texts.size())) text = texts[index - 1];
    }
  } else if (const auto it = results.find("derive"); it != results.end()) {
    text = it->second.value("architecture", Json());
  }
  if (!text.is_string()) {
    return InArea(ErrorArea::kRunFolder,
                  absl::DataLossError(absl::StrCat("the run folder holds no cell called '", role,
                                                   "'; start over with --overwrite")));
  }
  return ParseArchitecture(text.get<std::string>(), absl::StrCat("cell ", role));
}

}  // namespace ssnas
