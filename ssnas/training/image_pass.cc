#include "ssnas/training/image_pass.h"

#include <numeric>
#include <optional>
#include <utility>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/loader.h"

namespace ssnas {

absl::Status ForEachBatch(
    const ImagePass& pass,
    const std::function<absl::Status(View4<const float>, const std::vector<int64_t>&)>& visit) {
  SSNAS_ASSIGN_OR_RETURN(const ViewPipeline pipeline, ViewPipeline::Create(*pass.augmentation));
  Loader loader(pass.images, &pipeline,
                {.views = 1,
                 .batch = pass.batch,
                 .seed = pass.seed,
                 .workers = pass.workers,
                 .drop_last = false});
  std::vector<int64_t> order = pass.indices;
  if (order.empty()) {
    order.resize(pass.images->size());
    std::iota(order.begin(), order.end(), int64_t{0});
  }
  loader.Start(std::move(order), /*epoch=*/0);
  while (true) {
    if (ShutdownSignal() != 0) return StoppedStatus();
    auto batch = loader.Next();
    if (!batch.ok()) return InArea(ErrorArea::kData, batch.status());
    if (!batch->has_value()) return absl::OkStatus();
    SSNAS_RETURN_IF_ERROR(visit({(*batch)->pixels.data(), (*batch)->shape}, (*batch)->indices));
  }
}

}  // namespace ssnas
