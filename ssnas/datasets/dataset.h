// A data set: what plugins of kind "dataset" are.
//
// Images and labels are read by separate calls, so that a program can show that it read no label
// and opened no test image. Test files are opened by Images(kTest) and Labels(kTest) alone.
#ifndef SSNAS_DATASETS_DATASET_H_
#define SSNAS_DATASETS_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/registry.h"

namespace ssnas {

struct ProgressOptions;

enum class Split { kTrain, kTest };

// One image: height × width × channels bytes, channels fastest; owned by its ImageSet.
struct ImageView {
  const uint8_t* pixels = nullptr;
  int height = 0, width = 0, channels = 0;
};

// A file that gave no image.
struct LeftOutFile {
  std::string file;    // as it may be shown: UTF-8, no control characters
  std::string reason;  // goes on after its name: "is empty"
};

// Read-only and thread-safe.
class ImageSet {
 public:
  virtual ~ImageSet() = default;
  virtual int64_t size() const = 0;
  // 0 ≤ index < size().
  virtual ImageView Get(int64_t index) const = 0;
  // Files that should have been images of the set and are not; programs show them.
  virtual std::vector<LeftOutFile> LeftOut() const { return {}; }
  // Bytes of pixels in a mapped file, which memory need not hold all at once; 0: it holds them.
  virtual int64_t MappedBytes() const { return 0; }
  // Of what is in it, for data that a user may change between a run's start and its resume; empty
  // where the data is pinned or generated.
  virtual std::string Digest() const { return ""; }
};

struct DatasetInfo {
  std::string title;       // "Fashion-MNIST"
  int num_classes = 0;     // 0: no labels
  int image_size = 0;      // nominal height and width of what the network is fed
  int64_t train_size = 0;  // 0: not known before it is read
  int64_t test_size = 0;
};

// What a user says beside the config.
struct DatasetContext {
  std::string data_dir;  // --data_dir, absolute or empty
  uint64_t seed = 0;     // of generated data
  // For data that takes long to prepare: bar and messages (null: none), threads.
  const ProgressOptions* progress = nullptr;
  int threads = 1;
};

class Dataset {
 public:
  static constexpr char kKind[] = "dataset";
  virtual ~Dataset() = default;

  virtual DatasetInfo Info() const = 0;
  // NotFound or DataLoss: what is missing or damaged, its size and checksum, where to put it.
  virtual absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                           Split split) const = 0;
  // One an image, 0 … num_classes − 1; FailedPrecondition where the data has none.
  virtual absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                                      Split split) const = 0;
};

SSNAS_DECLARE_PLUGIN_KIND(Dataset);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_DATASET_H_
