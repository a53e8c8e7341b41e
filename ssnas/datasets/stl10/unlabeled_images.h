// The images of STL-10 that have no labels, as a mapped cache of pixels
// (image_folder/image_cache.h).
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(auto images, OpenUnlabeledImages(files, config, context));
#ifndef SSNAS_DATASETS_STL10_UNLABELED_IMAGES_H_
#define SSNAS_DATASETS_STL10_UNLABELED_IMAGES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/planar_records.h"
#include "ssnas/datasets/stl10/stl10.pb.h"

namespace ssnas {

// `files` has one name. The cache is made when there is none of this file as it is now. NotFound
// and DataLoss as ReadRecordFile; those of writing the cache; Cancelled when the program is asked
// to stop meanwhile.
absl::StatusOr<std::unique_ptr<ImageSet>> OpenUnlabeledImages(const RecordFiles& files,
                                                              const Stl10Config& config,
                                                              const DatasetContext& context);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_STL10_UNLABELED_IMAGES_H_
