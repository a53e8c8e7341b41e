// Benchmarks of operations on the reference engine, float32: what each family's <name>_benchmark.cc
// calls.
//
// Per operation and case: "sep_conv_3x3/forward/…" and "sep_conv_3x3/step/…", a forward and a
// backward pass for all gradients. GFLOP/s counts two for each multiply-add of the recipe's
// convolutions, three times that for a step (the gradients of a convolution cost twice its forward
// pass); pools have none and show images only. The output is compared with plain loops first; where
// they differ no time is printed.
#ifndef SSNAS_OPS_TESTING_OPERATION_BENCHMARK_H_
#define SSNAS_OPS_TESTING_OPERATION_BENCHMARK_H_

#include <string>
#include <vector>

namespace ssnas {

// Returns how many it registered, so that a static can call it. One thread; --benchmark_filter
// chooses.
int RegisterOperationBenchmarks(const std::vector<std::string>& operations);

}  // namespace ssnas

#endif  // SSNAS_OPS_TESTING_OPERATION_BENCHMARK_H_
