// The command line of the experiment programs, as values.
#ifndef TOOLS_COMMAND_LINE_H_
#define TOOLS_COMMAND_LINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/training/stage_graph.h"

namespace ssnas {

struct CommandLine {
  std::string spec;               // file
  std::vector<std::string> sets;  // --set, in order; --seed and --threads are among them
  std::string output_dir;         // empty: runs/<name>
  std::string data_dir;           // empty: not given
  std::string example;            // how the user calls the program, for messages
  std::optional<uint64_t> seed;   // --seed, when given
  double budget_minutes = 0;      // search and pretraining together; 0: as long as the spec says
  StageKind until = StageKind::kEvaluate;
  bool overwrite = false;
  bool print_spec = false;
  bool help = false;
  std::optional<std::string> list_plugins;  // "" for all
};

// InvalidArgument (area kUser) names the flag and the nearest valid one.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, char** argv);

// --help: one screen.
std::string HelpText();

}  // namespace ssnas

#endif  // TOOLS_COMMAND_LINE_H_
