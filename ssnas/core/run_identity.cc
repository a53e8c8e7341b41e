#include "ssnas/core/run_identity.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/spec_diff.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr uint64_t kMaxSpec = 16 << 20;
constexpr size_t kDifferencesShown = 3;

struct StoredIdentity {
  std::string experiment, spec_sha256, cpu, data;
  int threads = 0;
};

absl::StatusOr<StoredIdentity> ReadStored(const std::string& folder) {
  const absl::StatusOr<Json> json = ReadJsonObject(JoinPath(folder, kRunFile));
  if (absl::IsPermissionDenied(json.status())) return json.status();
  if (!json.ok()) return RefuseRun(folder, absl::StrCat(json.status().message(), "."));
  const std::optional<int64_t> version = IntField(*json, "format_version");
  if (version.has_value() && *version != kFormatVersion) {
    return RefuseRun(folder, absl::StrCat("this run has format ", *version, ", this program knows ",
                                          kFormatVersion, ": another version of SSNAS made it."));
  }
  const std::optional<std::string> experiment = StringField(*json, "experiment");
  const std::optional<std::string> spec_sha256 = StringField(*json, "spec_sha256");
  const std::optional<std::string> cpu = StringField(*json, "cpu");
  const int64_t threads = IntField(*json, "threads").value_or(0);
  constexpr int64_t kMaxThreads = 1 << 16;
  if (!version || !experiment || !spec_sha256 || !cpu || threads < 1 || threads > kMaxThreads) {
    return RefuseRun(folder, absl::StrCat(kRunFile, " is damaged: a field is missing or wrong."));
  }
  return StoredIdentity{.experiment = *experiment,
                        .spec_sha256 = *spec_sha256,
                        .cpu = *cpu,
                        .data = StringField(*json, "data_sha256").value_or(""),
                        .threads = static_cast<int>(threads)};
}

// "search.channels = 16, the spec now says 24": the first few differences.
std::string Differences(const std::vector<FieldDifference>& differences) {
  std::string text;
  const size_t shown = std::min(differences.size(), kDifferencesShown);
  for (size_t i = 0; i < shown; ++i) {
    const FieldDifference& field = differences[i];
    absl::StrAppend(&text, i == 0 ? "" : "; ", field.path, " = ", field.before,
                    i == 0 ? ", the spec now says " : ", now ", field.after);
  }
  if (differences.size() > shown) {
    absl::StrAppend(&text, "; and ", differences.size() - shown, " more");
  }
  return text;
}

absl::Status CheckSpec(const std::string& folder, const StoredIdentity& stored,
                       const std::string& spec) {
  if (Sha256(spec) == stored.spec_sha256) return absl::OkStatus();
  const std::string stored_spec = ReadFile(JoinPath(folder, kSpecFile), kMaxSpec).value_or("");
  if (Sha256(stored_spec) != stored.spec_sha256) {
    return RefuseRun(folder,
                     absl::StrCat("this run was made with another spec; which one is not known, "
                                  "because ",
                                  kSpecFile, " is missing or was changed."));
  }
  const std::vector<FieldDifference> differences = DiffSpecs(stored_spec, spec);
  if (differences.empty()) return absl::OkStatus();  // the same, printed otherwise
  return RefuseRun(folder, absl::StrCat("this run was made with ", Differences(differences), "."));
}

}  // namespace

absl::Status RefuseRun(const std::string& folder, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(
      folder, ": ", what, " Use another --output_dir, or --overwrite to delete that run."));
}

absl::Status WriteRunIdentity(const std::string& folder, const RunIdentity& identity) {
  SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder, kSpecFile), identity.spec));
  Json stored = {{"format_version", kFormatVersion},
                 {"experiment", identity.experiment},
                 {"spec_sha256", Sha256(identity.spec)},
                 {"threads", identity.threads},
                 {"cpu", identity.cpu}};
  if (!identity.data.empty()) stored["data_sha256"] = identity.data;
  return WriteFileAtomically(JoinPath(folder, kRunFile), stored.dump(1) + "\n");
}

absl::StatusOr<int> CheckRunIdentity(const std::string& folder, const RunIdentity& identity) {
  SSNAS_ASSIGN_OR_RETURN(const StoredIdentity stored, ReadStored(folder));
  if (stored.experiment != identity.experiment) {
    return RefuseRun(folder, absl::StrCat("this run is of experiment '", stored.experiment,
                                          "', not '", identity.experiment, "'."));
  }
  SSNAS_RETURN_IF_ERROR(CheckSpec(folder, stored, identity.spec));
  if (identity.threads > 0 && identity.threads != stored.threads) {
    return RefuseRun(
        folder,
        absl::StrCat("this run was made with ", stored.threads,
                     stored.threads == 1 ? " thread" : " threads", ", now ", identity.threads,
                     " would round sums otherwise. Leave --threads out, or say --threads=",
                     stored.threads, "."));
  }
  if (stored.cpu != identity.cpu) {
    return RefuseRun(
        folder,
        absl::StrCat("this run was made on a CPU of kind ", stored.cpu, ", this one is ",
                     identity.cpu, " and rounds otherwise. Go on with it on such a machine."));
  }
  if (stored.data != identity.data) {
    return RefuseRun(folder,
                     "this run was made with other images: since then some were added, changed, "
                     "renamed or removed, or it is another folder.");
  }
  return stored.threads;
}

}  // namespace ssnas
