// A run in a temporary folder, for tests of stages.
#ifndef SSNAS_TRAINING_TESTING_TEST_RUN_H_
#define SSNAS_TRAINING_TESTING_TEST_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/run_folder.h"
#include "ssnas/engine/block.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/data_source.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// The smallest spec with every stage, on generated images; `sets` as of --set. Aborts the test when
// it is wrong.
ExperimentSpec TinySpec(const std::vector<std::string>& sets = {});

class TestRun {
 public:
  // In a folder of this name under the test's own temporary folder; an earlier run there is taken
  // up.
  TestRun(const std::string& name, ExperimentSpec spec);

  const RunContext& context() const { return context_; }
  const std::string& path() const { return folder_->path(); }

 private:
  const ExperimentSpec spec_;
  std::unique_ptr<RunFolder> folder_;
  std::unique_ptr<DataSource> data_;
  std::unique_ptr<Engine<float>> engine_;
  RunContext context_;
};

// The bytes of a file under the run; empty when there is none.
std::string FileOf(const TestRun& run, const std::string& name);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_TESTING_TEST_RUN_H_
