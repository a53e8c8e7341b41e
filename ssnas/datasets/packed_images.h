// Images of one size in one block of memory.
#ifndef SSNAS_DATASETS_PACKED_IMAGES_H_
#define SSNAS_DATASETS_PACKED_IMAGES_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ssnas/datasets/dataset.h"

namespace ssnas {

class PackedImages : public ImageSet {
 public:
  // `pixels`: image after image, each height × width × channels, channels fastest.
  PackedImages(int height, int width, int channels, std::vector<uint8_t> pixels)
      : height_(height), width_(width), channels_(channels), pixels_(std::move(pixels)) {}

  int64_t size() const override { return static_cast<int64_t>(pixels_.size() / image_bytes()); }
  ImageView Get(int64_t index) const override {
    return {.pixels = &pixels_[index * image_bytes()],
            .height = height_,
            .width = width_,
            .channels = channels_};
  }

 private:
  size_t image_bytes() const { return static_cast<size_t>(height_) * width_ * channels_; }

  const int height_, width_, channels_;
  const std::vector<uint8_t> pixels_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_PACKED_IMAGES_H_
