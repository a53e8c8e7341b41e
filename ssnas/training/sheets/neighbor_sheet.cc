#include "ssnas/training/sheets/neighbor_sheet.h"

#include <algorithm>
#include <cmath>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/resample.h"
#include "ssnas/report/png.h"
#include "ssnas/training/sheets/nearest_neighbors.h"
#include "ssnas/training/sheets/prepared_images.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostImages = 1000;  // a pass over so many is short beside any training
constexpr size_t kQueries = 8;
constexpr int64_t kNeighbors = 5;
constexpr int kMaxSide = 96;  // of a picture: 48 of them then stay below 2 MB

// The middle of an image in base64, made smaller where it is large.
absl::StatusOr<std::string> Thumbnail(const ImageView& image, int side) {
  std::vector<uint8_t> pixels = Middle(image, side);
  if (side <= kMaxSide) return EncodePngBase64(pixels.data(), side, side, image.channels);
  FloatImage scaled{.height = side, .width = side, .channels = image.channels};
  for (const uint8_t value : pixels) scaled.pixels.push_back(static_cast<float>(value) / 255.0f);
  CropAndResize({.height = side, .width = side}, kMaxSide, kMaxSide, scaled);
  pixels.clear();
  for (const float value : scaled.pixels) {
    pixels.push_back(static_cast<uint8_t>(std::lround(255.0f * value)));
  }
  return EncodePngBase64(pixels.data(), kMaxSide, kMaxSide, image.channels);
}

// rows × representation_size, a row an image.
absl::StatusOr<std::vector<float>> Represent(const RunContext& context,
                                             const std::vector<int64_t>& images, int64_t batch,
                                             Model& model) {
  std::vector<float> all, part;
  for (auto first = images.begin(); first != images.end();) {
    if (ShutdownSignal() != 0) return StoppedStatus();
    const auto last = first + std::min<int64_t>(batch, images.end() - first);
    SSNAS_ASSIGN_OR_RETURN(const PreparedImages prepared, PrepareImages(context, {first, last}));
    SSNAS_RETURN_IF_ERROR(model.Represent({prepared.pixels.data(), prepared.shape}, &part));
    all.insert(all.end(), part.begin(), part.end());
    first = last;
  }
  return all;
}

}  // namespace

absl::Status WriteNeighborSheet(const RunContext& context, const std::string& path,
                                const DrawnImages& drawn, int64_t batch, Model& model) {
  std::vector<int64_t> indices = drawn.held_out;
  indices.insert(indices.end(), drawn.train.begin(), drawn.train.end());
  indices.resize(std::min(indices.size(), kMostImages));
  const size_t queries = std::min(indices.size(), kQueries);
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const int side, PreparedSide(context));
  SSNAS_ASSIGN_OR_RETURN(const std::vector<float> features,
                         Represent(context, indices, batch, model));
  Json sheet = {{"images", indices.size()},
                {"held_out_queries", std::min(queries, drawn.held_out.size())},
                {"queries", Json::array()}};
  for (size_t query = 0; query < queries; ++query) {
    Json entry;
    SSNAS_ASSIGN_OR_RETURN(entry["image"], Thumbnail(images->Get(indices[query]), side));
    for (const Neighbor& neighbor :
         NearestNeighbors(features, model.network().representation_size(),
                          static_cast<int64_t>(query), kNeighbors)) {
      SSNAS_ASSIGN_OR_RETURN(const std::string picture,
                             Thumbnail(images->Get(indices[neighbor.row]), side));
      entry["neighbors"].push_back({{"image", picture}, {"similarity", neighbor.similarity}});
    }
    sheet["queries"].push_back(entry);
  }
  return WriteFileAtomically(path, sheet.dump() + "\n");
}

}  // namespace ssnas
