#include "ssnas/objectives/nt_xent/nt_xent.h"

namespace ssnas {

SSNAS_REGISTER(Objective, NtXentConfig, MakeNtXent, "nt_xent", "",
               "NT-Xent on two views of each image (SimCLR's contrastive loss); reads no label");

}  // namespace ssnas
