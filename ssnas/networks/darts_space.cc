#include "ssnas/networks/darts_space.h"

namespace ssnas {

SearchSpace DartsSpace() {
  SearchSpace space;
  for (const char* name : {"none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3",
                           "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"}) {
    space.add_candidate()->set_name(name);
  }
  return space;
}

}  // namespace ssnas
