#include "ssnas/core/registry.h"
#include "ssnas/datasets/image_folder/image_folder.h"
#include "ssnas/datasets/image_folder/image_folder.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, ImageFolderConfig, ImageFolder::Create, "image_folder", "",
               "JPEG and PNG files of a folder (--data_dir), labels optional");

}  // namespace ssnas
