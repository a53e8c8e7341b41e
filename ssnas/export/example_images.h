// A few training images as the trained network is to be given them, with what it makes of them.
#ifndef SSNAS_EXPORT_EXAMPLE_IMAGES_H_
#define SSNAS_EXPORT_EXAMPLE_IMAGES_H_

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/safetensors.h"
#include "ssnas/training/model.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// How an image becomes the network's input: size, resize and crop, range, mean and std, order.
absl::StatusOr<nlohmann::ordered_json> PreprocessRule(const RunContext& context);

// "images" (N×3×size×size) and "features" (N×C, evaluation-mode norms) of the first eight training
// images: what the generated module is compared with.
absl::StatusOr<TensorFile> ExampleTensors(const RunContext& context, Model& model);

}  // namespace ssnas

#endif  // SSNAS_EXPORT_EXAMPLE_IMAGES_H_
