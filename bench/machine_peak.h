// What the machine can do at most: multiply-adds in float32, and bytes copied, on n threads.
//
// Kernels for every instruction set of Highway, chosen at run time: chains of multiply-adds in
// registers, and a copy between buffers that no cache holds. Best of several windows.
#ifndef BENCH_MACHINE_PEAK_H_
#define BENCH_MACHINE_PEAK_H_

#include <string>

namespace ssnas {

struct MachinePeak {
  std::string target;        // Highway's name: "AVX3_ZEN4", "AVX2", …
  double gflops = 0;         // a multiply-add counts two
  double copy_gb_per_s = 0;  // bytes read and written
};

MachinePeak MeasureMachinePeak(int threads);

}  // namespace ssnas

#endif  // BENCH_MACHINE_PEAK_H_
