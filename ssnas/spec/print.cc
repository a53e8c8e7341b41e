#include <string>

#include "ssnas/spec/message_printer.h"
#include "ssnas/spec/spec.h"

namespace ssnas {

std::string PrintSpec(const ExperimentSpec& spec, bool /*comments*/) { return PrintMessage(spec, 0, nullptr); }

}  // namespace ssnas
