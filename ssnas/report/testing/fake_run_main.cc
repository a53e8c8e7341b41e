// Writes invented run folders, to look at the report:   bazel run
// //ssnas/report/testing:fake_run_main -- FOLDER
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/report/report.h"
#include "ssnas/report/testing/fake_run.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "fake_run_main FOLDER: writes run folders with reports into it\n");
    return 2;
  }
  using ssnas::report::FakeRun;
  const std::vector<std::pair<std::string, FakeRun>> runs = {
      {"plain", {}},
      {"seeds",
       {.name = "cifar10_ssnas",
        .title = "CIFAR-10",
        .seeds = {1, 2, 3, 4},
        .epochs = 50,
        .steps_per_epoch = 390,
        .random_cells = 5,
        .evaluated = true,
        .deep_cell = true}},
      {"unfinished", {.seeds = {1, 2}, .epochs = 6, .finished = false}},
      {"search_only", {.probed = false, .views = false}},
  };
  for (const auto& [name, run] : runs) {
    const std::string folder = ssnas::JoinPath(ssnas::UserPath(argv[1]), name);
    absl::Status status = ssnas::report::WriteFakeRun(run, folder);
    if (status.ok()) status = ssnas::WriteReport(folder);
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      return 1;
    }
    std::printf("%s\n", ssnas::JoinPath(folder, "report.html").c_str());
  }
  return 0;
}
