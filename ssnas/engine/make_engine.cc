#include "ssnas/engine/make_engine.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/checked/checked_engine.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/reference/reference_engine.h"

namespace ssnas {
namespace {

struct NamedEngine {
  const char* name;
  std::unique_ptr<Engine<float>> (*make)(const EngineOptions& options);
  bool (*runs_fused)(const Recipe& recipe);
  const char* why_not_bf16;  // null: it has Pointwise::kBf16
};

std::unique_ptr<Engine<float>> MakeFused(const EngineOptions& options) {
  ThreadPool* threads = options.threads;
  return MakeFusedEngine({.parallel_for = threads ? threads->parallel_for() : SerialFor,
                          .recompute = options.recompute,
                          .pointwise = options.pointwise,
                          .record = options.record,
                          // One thread, so that the number of threads changes no bit.
                          .modules = MakeReferenceEngine<float>({.threads = 1})});
}

std::unique_ptr<Engine<float>> MakeReference(const EngineOptions& options) {
  SetReferenceThreads(options.threads ? options.threads->threads() : 1);
  return MakeReferenceEngine<float>({.record = options.record});
}

// Slow, so that both may use all threads in turn.
std::unique_ptr<Engine<float>> MakeCheck(const EngineOptions& options) {
  SetReferenceThreads(options.threads ? options.threads->threads() : 1);
  return MakeCheckedEngine([&](DecisionTrace* record) {
    EngineOptions own = options;
    own.record = record;
    return MakeFused(own);
  });
}

bool Never(const Recipe&) { return false; }
// It lowers every primitive that there is.
bool WithoutModules(const Recipe& recipe) { return !recipe.HasModule(); }

constexpr NamedEngine kEngines[] = {
    {"fused", MakeFused, WithoutModules, nullptr},
    {"reference", MakeReference, Never, "libtorch's modules compute in float32"},
    {"check", MakeCheck, WithoutModules,
     "its bound is float32's rounding, and bf16 rounds 65,536 times as coarsely"},
};

const NamedEngine* FindEngine(const std::string& name) {
  for (const NamedEngine& engine : kEngines) {
    if (name == engine.name) return &engine;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> EngineNames() {
  std::vector<std::string> names;
  for (const NamedEngine& engine : kEngines) names.push_back(engine.name);
  return names;
}

absl::Status CheckEngine(const std::string& name, Pointwise pointwise, bool cpu_has_bf16) {
  const NamedEngine* engine = FindEngine(name);
  if (engine == nullptr) {
    return InArea(ErrorArea::kUser, absl::InvalidArgumentError(absl::StrCat(
                                        "no engine is called '", name,
                                        "'; there is: ", absl::StrJoin(EngineNames(), ", "))));
  }
  if (pointwise == Pointwise::kFloat32) return absl::OkStatus();
  if (engine->why_not_bf16 != nullptr) {
    return InArea(ErrorArea::kUser,
                  absl::InvalidArgumentError(absl::StrCat(
                      "engine '", name, "' has no bf16 pointwise stages: ", engine->why_not_bf16,
                      "; take 'fused', or float32 pointwise stages.")));
  }
  if (!cpu_has_bf16) {
    return InArea(ErrorArea::kUser,
                  absl::FailedPreconditionError(
                      "bf16 pointwise stages need a CPU with AVX512-BF16, which this one does not "
                      "have; take float32 ones: runtime.pointwise: FLOAT32 in a spec, "
                      "--pointwise=float32 of a benchmark."));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Engine<float>>> MakeEngine(const std::string& name,
                                                          const EngineOptions& options) {
  SSNAS_RETURN_IF_ERROR(CheckEngine(name, options.pointwise));
  return FindEngine(name)->make(options);
}

bool RunsFused(const std::string& name, const Recipe& recipe) {
  const NamedEngine* engine = FindEngine(name);
  return engine != nullptr && engine->runs_fused(recipe);
}

}  // namespace ssnas
