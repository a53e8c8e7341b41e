#include "ssnas/training/batch_source.h"

#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/subset.h"

namespace ssnas {

BatchSource::BatchSource(ViewPipeline pipeline, std::vector<int64_t> indices,
                         BatchSourceOptions options)
    : pipeline_(std::move(pipeline)), indices_(std::move(indices)), options_(options) {}

absl::StatusOr<std::unique_ptr<BatchSource>> BatchSource::Create(
    DataSource& data, const google::protobuf::RepeatedPtrField<PluginSpec>& augmentation,
    const Objective& objective, std::vector<int64_t> indices, const BatchSourceOptions& options) {
  SSNAS_ASSIGN_OR_RETURN(ViewPipeline pipeline, ViewPipeline::Create(augmentation));
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, data.Images(Split::kTrain));
  auto source = absl::WrapUnique(new BatchSource(std::move(pipeline), std::move(indices), options));
  if (objective.UsesLabels()) {
    SSNAS_ASSIGN_OR_RETURN(source->labels_, data.Labels(Split::kTrain));
  }
  source->loader_ = std::make_unique<Loader>(images, &source->pipeline_,
                                             LoaderOptions{.views = objective.Views(),
                                                           .batch = options.batch,
                                                           .seed = options.seed,
                                                           .workers = options.workers});
  return source;
}

void BatchSource::StartEpoch(int64_t epoch, int64_t first_batch) {
  loader_->Start(EpochOrder(indices_, options_.seed, options_.order, epoch), epoch, first_batch);
}

absl::StatusOr<TrainingBatch> BatchSource::Next() {
  auto next = loader_->Next();
  if (!next.ok()) return InArea(ErrorArea::kData, next.status());
  if (!next->has_value()) return absl::OutOfRangeError("no further batch in this epoch");
  batch_ = *std::move(*next);
  TrainingBatch batch{.images = {batch_.pixels.data(), batch_.shape}, .labels = {}};
  if (labels_ != nullptr) {
    batch_labels_.clear();
    for (const int64_t index : batch_.indices) batch_labels_.push_back((*labels_)[index]);
    batch.labels = batch_labels_;
  }
  return batch;
}

absl::StatusOr<int> ViewSize(const google::protobuf::RepeatedPtrField<PluginSpec>& augmentation,
                             const DataSource& data) {
  SSNAS_ASSIGN_OR_RETURN(const ViewPipeline pipeline, ViewPipeline::Create(augmentation));
  return pipeline.OutputSize(data.info().image_size);
}

}  // namespace ssnas
