// A run folder as a run would leave it, with invented numbers: for tests of the report, and to look
// at it.
#ifndef SSNAS_REPORT_TESTING_FAKE_RUN_H_
#define SSNAS_REPORT_TESTING_FAKE_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ssnas::report {

struct FakeRun {
  std::string name = "fashion_mnist_ssnas";
  std::string title = "Fashion-MNIST";
  std::vector<int> seeds = {1};
  int epochs = 10;
  int steps_per_epoch = 40;
  int random_cells = 1;
  bool probed = true;
  bool evaluated = false;
  bool finished = true;  // false: no summary, no cell, the last epoch without its end
  bool views = true;
  bool neighbors = true;                  // where it is probed
  double least_similarity = 0.7;          // of a neighbour
  bool labelled = true;                   // false: pretrained, and tested by nothing
  int left_out = 0;                       // files that gave no image
  bool deep_cell = false;                 // nodes that feed each other
  std::string sep_conv = "sep_conv_3x3";  // name of an operation, for hostile ones
};

// Writes all of its files below `folder`, which is made.
absl::Status WriteFakeRun(const FakeRun& run, const std::string& folder);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_TESTING_FAKE_RUN_H_
