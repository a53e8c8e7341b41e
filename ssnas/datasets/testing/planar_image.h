// Images as the binary files of CIFAR and STL-10 hold them, for tests that write such files.
#ifndef SSNAS_DATASETS_TESTING_PLANAR_IMAGE_H_
#define SSNAS_DATASETS_TESTING_PLANAR_IMAGE_H_

#include <cstddef>
#include <string>

namespace ssnas {

// Three planes of size² bytes: plane c is `value` + 10·c, and its first byte one more.
inline std::string PlanarImage(int size, int value) {
  std::string planes;
  for (int c = 0; c < 3; ++c) {
    std::string plane(static_cast<size_t>(size) * size, static_cast<char>(value + 10 * c));
    ++plane[0];
    planes += plane;
  }
  return planes;
}

}  // namespace ssnas

#endif  // SSNAS_DATASETS_TESTING_PLANAR_IMAGE_H_
