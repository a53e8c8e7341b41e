#include "ssnas/training/data_source.h"

#include <utility>

#include "absl/memory/memory.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

DataSource::DataSource(std::unique_ptr<Dataset> dataset, DatasetContext context)
    : dataset_(std::move(dataset)), context_(std::move(context)) {}

absl::StatusOr<std::unique_ptr<DataSource>> DataSource::Create(const PluginSpec& dataset,
                                                               const DatasetContext& context) {
  auto plugin = CreatePlugin<Dataset>(dataset);
  if (!plugin.ok()) return InArea(ErrorArea::kUser, plugin.status());
  return absl::WrapUnique(new DataSource(*std::move(plugin), context));
}

absl::StatusOr<const ImageSet*> DataSource::Images(Split split) {
  std::unique_ptr<ImageSet>& images = images_[split == Split::kTest];
  if (images == nullptr) {
    if (split == Split::kTest) ++test_reads_;
    auto read = dataset_->Images(context_, split);
    if (!read.ok()) return InArea(ErrorArea::kData, read.status());
    images = *std::move(read);
  }
  return images.get();
}

void DataSource::SetPreparation(const ProgressOptions* progress, int threads) {
  context_.progress = progress;
  context_.threads = threads;
}

std::vector<LeftOutFile> DataSource::LeftOut() const {
  std::vector<LeftOutFile> files;
  for (const std::unique_ptr<ImageSet>& images : images_) {
    if (images == nullptr) continue;
    const std::vector<LeftOutFile> more = images->LeftOut();
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

absl::StatusOr<const std::vector<int32_t>*> DataSource::Labels(Split split) {
  std::unique_ptr<std::vector<int32_t>>& labels = labels_[split == Split::kTest];
  if (labels == nullptr) {
    ++label_reads_;
    if (split == Split::kTest) ++test_reads_;
    auto read = dataset_->Labels(context_, split);
    if (!read.ok()) return InArea(ErrorArea::kData, read.status());
    labels = std::make_unique<std::vector<int32_t>>(*std::move(read));
  }
  return labels.get();
}

}  // namespace ssnas
