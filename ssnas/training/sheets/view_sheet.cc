#include "ssnas/training/sheets/view_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/loader.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/report/png.h"

namespace ssnas {
namespace {

constexpr int kImages = 8;
constexpr int kViews = 2;

absl::StatusOr<std::string> EncodeStretched(const FloatImage& view) {
  const auto [low, high] = std::minmax_element(view.pixels.begin(), view.pixels.end());
  const float scale = *high > *low ? 255.0f / (*high - *low) : 0.0f;
  std::vector<uint8_t> bytes;
  for (const float value : view.pixels) {
    bytes.push_back(static_cast<uint8_t>(std::lround((value - *low) * scale)));
  }
  return EncodePngBase64(bytes.data(), view.height, view.width, view.channels);
}

}  // namespace

absl::Status WriteViewSheet(const RunContext& context) {
  const uint64_t seed = context.spec->seed();
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const ViewPipeline pipeline,
                         ViewPipeline::Create(context.spec->augmentation()));
  nlohmann::ordered_json sheet = {{"images", nlohmann::ordered_json::array()}};
  for (const int64_t index : RandomSubset(
           images->size(), std::min<int64_t>(kImages, images->size()), seed, Purpose::kSubset)) {
    const ImageView image = images->Get(index);
    nlohmann::ordered_json entry;
    SSNAS_ASSIGN_OR_RETURN(entry["original"], EncodePngBase64(image.pixels, image.height,
                                                              image.width, image.channels));
    sheet["size"] = image.height;
    for (int view = 0; view < kViews; ++view) {
      SSNAS_ASSIGN_OR_RETURN(const std::string png, EncodeStretched(pipeline.MakeView(
                                                        image, seed, /*epoch=*/0, index, view)));
      entry["views"].push_back(png);
    }
    sheet["images"].push_back(entry);
  }
  return WriteFileAtomically(JoinPath(context.folder->path(), "views.json"), sheet.dump() + "\n");
}

}  // namespace ssnas
