#include "ssnas/training/memory.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kIndex = sizeof(int64_t);

// Bytes kept of value `index` of a recipe. A norm's output is kept only where a mixture multiplies
// it.
int64_t KeptBytes(const Recipe& recipe, int index, int64_t count, bool mixture) {
  switch (recipe.primitives()[index].kind) {
    case PrimitiveKind::kInput:
    case PrimitiveKind::kIdentity:
    case PrimitiveKind::kZero:
      return 0;
    case PrimitiveKind::kRelu:
    case PrimitiveKind::kShift:
    case PrimitiveKind::kDepthwise:
    case PrimitiveKind::kPointwise:
    case PrimitiveKind::kConv:
    case PrimitiveKind::kConcat:
    case PrimitiveKind::kAvgPool:
      return count * kFloat;
    case PrimitiveKind::kMaxPool:
      return count * (kFloat + kIndex);
    case PrimitiveKind::kBatchNorm:
      return mixture && index == recipe.output() ? count * kFloat : 0;
  }
  return 0;
}

absl::StatusOr<int64_t> BlockBytes(const BlockPlan& plan, const std::vector<Shape4>& inputs) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> states, plan.Shapes(inputs));
  int64_t bytes = states.back().count() * kFloat;  // the concatenated output
  for (size_t node = 0; node < plan.nodes.size(); ++node) {
    bytes += states[plan.inputs + node].count() * kFloat;
    for (const EdgePlan& edge : plan.nodes[node].edges) {
      for (const CandidatePlan& candidate : edge.candidates) {
        SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> values,
                               candidate.recipe.Shapes(states[edge.from]));
        for (size_t i = 0; i < values.size(); ++i) {
          bytes += KeptBytes(candidate.recipe, static_cast<int>(i), values[i].count(),
                             edge.mixture_row >= 0);
        }
      }
    }
  }
  return bytes;
}

double Gigabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

}  // namespace

absl::StatusOr<int64_t> SavedBytes(const NetworkPlan& plan, const Shape4& images) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> outputs, plan.Shapes(images));
  int64_t bytes = images.count() * kFloat;
  for (const PlannedBlock& block : plan.blocks) {
    std::vector<Shape4> inputs;
    for (const int input : block.inputs)
      inputs.push_back(input == kImages ? images : outputs[input]);
    SSNAS_ASSIGN_OR_RETURN(const int64_t block_bytes, BlockBytes(block.plan, inputs));
    bytes += block_bytes;
  }
  return bytes;
}

absl::StatusOr<std::string> CheckMemory(const MemoryNeed& need, int64_t batch, int64_t free_bytes,
                                        const std::string& field) {
  const int64_t total = need.saved_bytes + need.buffer_bytes;
  const std::string fact = absl::StrFormat("%s needs about %.1f GB at batch %d, %.1f GB are free",
                                           field, Gigabytes(total), batch, Gigabytes(free_bytes));
  if (total <= free_bytes) return fact;
  const int64_t fits = std::max<int64_t>(
      0, (free_bytes - need.buffer_bytes) * batch / std::max<int64_t>(1, need.saved_bytes));
  const std::string remedy =
      fits > 0 ? absl::StrFormat("A batch of %d would fit: --set %s.batch=%d", fits, field, fits)
               : absl::StrFormat("Not even a batch of 1 would fit: fewer channels or cells would");
  return InArea(ErrorArea::kResources,
                absl::ResourceExhaustedError(absl::StrFormat("%s. %s.", fact, remedy)));
}

absl::Status PreflightMemory(const RunContext& context, const std::string& field,
                             const Model& model, const Shape4& images, int64_t batch) {
  MemoryNeed need;
  SSNAS_ASSIGN_OR_RETURN(need.saved_bytes, SavedBytes(model.network().plan(), images));
  // Weights, their gradient and momentum, and a snapshot of both while a checkpoint is written.
  need.buffer_bytes = 5 * model.layout().size() * kFloat;
  SSNAS_ASSIGN_OR_RETURN(const std::string fact,
                         CheckMemory(need, batch, FreeMemoryBytes(), field));
  std::fprintf(context.progress.out, "  memory %s\n", fact.c_str());
  return absl::OkStatus();
}

int64_t FreeMemoryBytes() {
  int64_t free = std::numeric_limits<int64_t>::max();
  if (const auto text = ReadFile("/proc/meminfo", 1 << 16); text.ok()) {
    for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
      const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
      int64_t kilobytes = 0;
      if (words.size() >= 2 && words[0] == "MemAvailable:" &&
          absl::SimpleAtoi(words[1], &kilobytes)) {
        free = kilobytes * 1024;
      }
    }
  }
  const auto limit = ReadFile("/sys/fs/cgroup/memory.max", 1 << 10);
  const auto used = ReadFile("/sys/fs/cgroup/memory.current", 1 << 10);
  int64_t limit_bytes = 0, used_bytes = 0;
  if (limit.ok() && used.ok() && absl::SimpleAtoi(*limit, &limit_bytes) &&
      absl::SimpleAtoi(*used, &used_bytes)) {
    free = std::min(free, limit_bytes - used_bytes);
  }
  return free;
}

}  // namespace ssnas
