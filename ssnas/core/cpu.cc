#include "ssnas/core/cpu.h"

namespace ssnas {
namespace {

std::string InstructionSets() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return "AVX-512";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "AVX2";
#endif
  return "baseline";
}

}  // namespace

std::string CpuFeatures() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_is("intel")) return "Intel " + InstructionSets();
  if (__builtin_cpu_is("amd")) return "AMD " + InstructionSets();
#endif
  return InstructionSets();
}

}  // namespace ssnas
