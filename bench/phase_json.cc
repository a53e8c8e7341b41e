#include "bench/phase_json.h"

namespace ssnas {

using Json = nlohmann::ordered_json;

Json PhasesJson(const PassPhases& pass) {
  return {{"stem_forward", pass.stem_forward},   {"cells_forward", pass.cells_forward},
          {"objective", pass.objective},         {"cells_backward", pass.cells_backward},
          {"stem_backward", pass.stem_backward}, {"optimizer", pass.optimizer},
          {"between_blocks", pass.between}};
}

Json PhasesJson(const EagerHalfStep& half) {
  return {{"stem_forward", half.stem},
          {"cells_forward", half.cells},
          {"objective", half.objective},
          {"backward", half.backward},
          {"optimizer", half.optimizer}};
}

}  // namespace ssnas
