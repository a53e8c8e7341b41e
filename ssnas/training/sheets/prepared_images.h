// Training images as a trained network is to be given them: the middle square, normalised, without
// chance.
#ifndef SSNAS_TRAINING_SHEETS_PREPARED_IMAGES_H_
#define SSNAS_TRAINING_SHEETS_PREPARED_IMAGES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/core/tensor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// The steps of the spec's views that are no chance.
google::protobuf::RepeatedPtrField<PluginSpec> Normalisation(const ExperimentSpec& spec);

// Side of the square that is cut from the middle: the shorter side of the first image, to which
// data sets bring every image.
absl::StatusOr<int> PreparedSide(const RunContext& context);

// The middle of an image, side × side × its channels; neither of its sides is shorter.
std::vector<uint8_t> Middle(const ImageView& image, int side);

struct PreparedImages {
  std::vector<float> pixels;
  Shape4 shape;  // images × side × side × 3
};
// InvalidArgument names an image that is smaller than the first.
absl::StatusOr<PreparedImages> PrepareImages(const RunContext& context,
                                             const std::vector<int64_t>& indices);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SHEETS_PREPARED_IMAGES_H_
