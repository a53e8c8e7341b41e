#include "ssnas/training/memory.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/out_of_memory.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/loader.h"

namespace ssnas {
namespace {

constexpr int64_t kFloat = sizeof(float);
// Both halves of a search, or training and held-out images.
constexpr int64_t kLoaders = 2;

double Gigabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

// What makes a network of this section smaller, and its images.
std::string SizeFlags(const std::string& field) {
  const std::string network = field == "search" ? field : field + ".network";
  return absl::StrFormat("--set %s.channels=N, --set %s.cells=N or, for own images, --image_size=N",
                         network, network);
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

absl::StatusOr<MemoryNeed> NeedOf(const RunContext& context, const Model& model,
                                  const Shape4& views) {
  MemoryNeed need;
  SSNAS_ASSIGN_OR_RETURN(need.saved_bytes,
                         SavedBytes(*context.engine, model.network().plan(), views));
  // Batches in the queue, the one in use and the one being made.
  need.view_bytes = kLoaders * (LoaderOptions{}.queue + 2) * views.count() * kFloat;
  // Weights, the engine's copy of them, their gradient and momentum, and a snapshot of weights and
  // momentum while a checkpoint is written.
  need.buffer_bytes = 6 * model.layout().size() * kFloat;
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  need.mapped_bytes = images->MappedBytes();
  return need;
}

absl::StatusOr<std::string> CheckMemory(const MemoryNeed& need, int64_t batch, int64_t free_bytes,
                                        const std::string& field) {
  const int64_t growing = need.saved_bytes + need.view_bytes;
  const int64_t total = growing + need.buffer_bytes;
  const std::string fact = absl::StrFormat("%s needs about %.1f GB at batch %d, %.1f GB are free",
                                           field, Gigabytes(total), batch, Gigabytes(free_bytes));
  if (total <= free_bytes) {
    if (need.mapped_bytes <= free_bytes - total) return fact;
    return absl::StrFormat(
        "%s; what does not fit of the %.1f GB of images is read from the disk again in each epoch",
        fact, Gigabytes(need.mapped_bytes));
  }
  const int64_t fits = std::max<int64_t>(
      0, (free_bytes - need.buffer_bytes) * batch / std::max<int64_t>(1, growing));
  const std::string remedy =
      fits > 0
          ? absl::StrFormat("A batch of %d would fit: --set %s.batch=%d", fits, field, fits)
          : absl::StrFormat("Not even a batch of 1 would fit. To need less: %s", SizeFlags(field));
  return InArea(ErrorArea::kResources,
                absl::ResourceExhaustedError(absl::StrFormat("%s. %s.", fact, remedy)));
}

absl::StatusOr<std::string> PreflightMemory(const RunContext& context, const std::string& field,
                                            const Model& model, const Shape4& views,
                                            int64_t batch) {
  SSNAS_ASSIGN_OR_RETURN(const MemoryNeed need, NeedOf(context, model, views));
  SSNAS_ASSIGN_OR_RETURN(std::string fact, CheckMemory(need, batch, context.free_memory(), field));
  SetMemoryAdvice(
      absl::StrFormat("%s. That was when it began. To need less: --set %s.batch=%d, %s.", fact,
                      field, std::max<int64_t>(1, batch / 2), SizeFlags(field)));
  return fact;
}

}  // namespace ssnas
