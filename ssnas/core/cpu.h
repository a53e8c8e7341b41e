// The kind of CPU, as far as it changes how results are rounded.
#ifndef SSNAS_CORE_CPU_H_
#define SSNAS_CORE_CPU_H_

#include <string>

namespace ssnas {

// "Intel AVX-512", "AMD AVX2", "baseline": instruction sets, by which our kernels and the libraries
// choose their code, and maker, by which math libraries choose too. A run is resumed only on a CPU
// of the same kind.
std::string CpuFeatures();

}  // namespace ssnas

#endif  // SSNAS_CORE_CPU_H_
