// A line continued past its ends by its mirror images, the ends not repeated: 2 1 0 1 2 … n−2 n−1
// n−2. torchvision calls it "reflect", SciPy "mirror".
#ifndef SSNAS_DATASETS_AUGMENTATIONS_MIRROR_H_
#define SSNAS_DATASETS_AUGMENTATIONS_MIRROR_H_

namespace ssnas {

// Where position i of the endless line lies on the line of n ≥ 1.
inline int MirroredIndex(int i, int n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return i;
}

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_MIRROR_H_
