#include "ssnas/training/memory.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/memory/process_memory.h"
#include "ssnas/core/out_of_memory.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/loader.h"

namespace ssnas {
namespace {

constexpr int64_t kFloat = sizeof(float);
// Both halves of a search, or training and held-out images.
constexpr int64_t kLoaders = 2;

double Gigabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

// What makes a network of this section smaller.
std::string SizeFields(const std::string& field) {
  const std::string network = field == "search" ? field : field + ".network";
  return network + ".channels or " + network + ".cells";
}

}  // namespace

absl::StatusOr<int64_t> SavedBytes(const Engine<float>& engine, const NetworkPlan& plan,
                                   const Shape4& images) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> outputs, plan.Shapes(images));
  // What a network and its engine take they keep for the next step, each for itself: the most of
  // one and the most of the other.
  int64_t kept = 0, blocks = 0, activations = 0, between = 0;
  for (size_t i = 0; i < plan.blocks.size(); ++i) {
    std::vector<Shape4> inputs;
    // Every output is kept for the blocks that read it; differentiating this block holds the
    // gradients of its output and of its inputs.
    const int64_t output = outputs[i].count() * kFloat;
    int64_t gradients = output;
    for (const int input : plan.blocks[i].inputs) {
      inputs.push_back(input == kImages ? images : outputs[input]);
      if (input != kImages) gradients += outputs[input].count() * kFloat;
    }
    SSNAS_ASSIGN_OR_RETURN(const BlockMemory memory, engine.Memory(plan.blocks[i].plan, inputs));
    kept += memory.kept;
    blocks = std::max(blocks, kept + memory.passing);
    between = std::max(between, activations + gradients);
    activations += output;
  }
  return blocks + between;
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
               : absl::StrFormat("Not even a batch of 1 would fit: lower %s", SizeFields(field));
  return InArea(ErrorArea::kResources,
                absl::ResourceExhaustedError(absl::StrFormat("%s. %s.", fact, remedy)));
}

absl::Status PreflightMemory(const RunContext& context, const std::string& field,
                             const Model& model, const Shape4& images, int64_t batch) {
  MemoryNeed need;
  SSNAS_ASSIGN_OR_RETURN(need.saved_bytes,
                         SavedBytes(*context.engine, model.network().plan(), images));
  // Batches made ahead: those in the queue, the one in use and the one being made.
  need.saved_bytes += kLoaders * (LoaderOptions{}.queue + 2) * images.count() * kFloat;
  // Weights, the engine's copy of them, their gradient and momentum, and a snapshot of weights and
  // momentum while a checkpoint is written.
  need.buffer_bytes = 6 * model.layout().size() * kFloat;
  SSNAS_ASSIGN_OR_RETURN(const std::string fact,
                         CheckMemory(need, batch, FreeMemoryBytes(), field));
  SetMemoryAdvice(
      absl::StrFormat("%s. That was when it began. To need less: --set %s.batch=%d, or fewer %s.",
                      fact, field, std::max<int64_t>(1, batch / 2), SizeFields(field)));
  std::fprintf(context.progress.out, "  memory %s\n", fact.c_str());
  return absl::OkStatus();
}

int64_t FreeMemoryBytes() {
  int64_t free = std::numeric_limits<int64_t>::max();
  const int64_t available = ProcFieldBytes("/proc/meminfo", "MemAvailable:");
  if (available >= 0) free = available;
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
