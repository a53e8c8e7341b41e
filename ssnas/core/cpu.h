// The instruction sets of this CPU that change how results are rounded.
#ifndef SSNAS_CORE_CPU_H_
#define SSNAS_CORE_CPU_H_

#include <string>

namespace ssnas {

// "AVX-512", "AVX2" or "baseline": libraries and our kernels choose their code by these, so a run is resumed only on
// a CPU of the same kind.
std::string CpuFeatures();

}  // namespace ssnas

#endif  // SSNAS_CORE_CPU_H_
