#include "ssnas/training/probe_stage.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/training/image_pass.h"
#include "ssnas/training/linear_probe.h"
#include "ssnas/training/model.h"
#include "ssnas/training/network_stage.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// Batches that settle the norm statistics of a network never trained: with momentum 0.1 the initial
// values then weigh less than 0.9^60 = 0.2 %.
constexpr int kSettlingBatches = 60;

std::vector<int64_t> Choose(int64_t size, int64_t asked, uint64_t seed, Purpose purpose) {
  return RandomSubset(size, asked == 0 ? size : std::min(asked, size), seed, purpose);
}

ImagePass PassOver(const RunContext& context, const ImageSet* images,
                   std::vector<int64_t> indices) {
  return {.images = images,
          .indices = std::move(indices),
          .augmentation = &context.spec->probe().augmentation(),
          .batch = context.spec->probe().batch(),
          .seed = context.spec->seed(),
          .workers = context.spec->runtime().loader_threads()};
}

// Features and labels of the chosen images of a split.
absl::StatusOr<ProbeData> Represent(const RunContext& context, Split split, int64_t asked,
                                    Model& model) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(split));
  SSNAS_ASSIGN_OR_RETURN(const std::vector<int32_t>* labels, context.data->Labels(split));
  const Purpose purpose = split == Split::kTrain ? Purpose::kProbe : Purpose::kValidationSubset;
  ProbeData data{.dimensions = model.network().representation_size()};
  SSNAS_RETURN_IF_ERROR(ForEachBatch(
      PassOver(context, images, Choose(images->size(), asked, context.spec->seed(), purpose)),
      [&](View4<const float> batch, const std::vector<int64_t>& indices) -> absl::Status {
        std::vector<float> representation;
        SSNAS_RETURN_IF_ERROR(model.Represent(batch, &representation));
        data.features.insert(data.features.end(), representation.begin(), representation.end());
        for (const int64_t index : indices) data.labels.push_back((*labels)[index]);
        return absl::OkStatus();
      }));
  return data;
}

absl::Status SettleNorms(const RunContext& context, Model& model) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  const int64_t wanted = kSettlingBatches * int64_t{context.spec->probe().batch()};
  std::vector<int64_t> indices =
      Choose(images->size(), wanted, context.spec->seed(), Purpose::kSubset);
  return ForEachBatch(PassOver(context, images, std::move(indices)),
                      [&](View4<const float> batch, const std::vector<int64_t>&) {
                        return model.UpdateRunningStatistics(batch);
                      });
}

}  // namespace

absl::StatusOr<Json> RunProbeStage(const RunContext& context, const StageInfo& stage,
                                   const Architecture& architecture,
                                   const std::string& pretrained) {
  const ProbeSpec& spec = context.spec->probe();
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Model> model,
                         MakePretrainModel(context, architecture));
  if (pretrained.empty()) {
    SSNAS_RETURN_IF_ERROR(SettleNorms(context, *model));
  } else {
    SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(pretrained));
    auto tensors = ReadSafetensors(JoinPath(folder, "model.safetensors"));
    if (!tensors.ok()) return InArea(ErrorArea::kRunFolder, tensors.status());
    SSNAS_RETURN_IF_ERROR(InArea(ErrorArea::kRunFolder, model->FromTensors(*tensors)));
  }
  SSNAS_ASSIGN_OR_RETURN(const ProbeData train,
                         Represent(context, Split::kTrain, spec.images(), *model));
  SSNAS_ASSIGN_OR_RETURN(const ProbeData test,
                         Represent(context, Split::kTest, spec.test_images(), *model));
  SSNAS_ASSIGN_OR_RETURN(const LinearProbe probe,
                         TrainLinearProbe(spec, train, context.data->info().num_classes));
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  TensorFile file;
  file.tensors.push_back(NamedTensor::FromFloats("probe.weight", {probe.classes, train.dimensions},
                                                 probe.weight.data()));
  file.tensors.push_back(NamedTensor::FromFloats("probe.bias", {probe.classes}, probe.bias.data()));
  SSNAS_RETURN_IF_ERROR(WriteSafetensors(JoinPath(folder, "final.safetensors"), file));
  return Json{{"test_accuracy", probe.Accuracy(test)},
              {"train_accuracy", probe.Accuracy(train)},
              {"test_images", test.labels.size()},
              {"images", train.labels.size()},
              {"labels_used", train.labels.size()}};
}

}  // namespace ssnas
