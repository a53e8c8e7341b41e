#include "ssnas/objectives/objective.h"

namespace ssnas {

SSNAS_DEFINE_PLUGIN_KIND(Objective)

}  // namespace ssnas
