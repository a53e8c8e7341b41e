// The command line of every program that runs a spec: flags, errors, header, stages, summary.
#ifndef TOOLS_EXPERIMENT_MAIN_H_
#define TOOLS_EXPERIMENT_MAIN_H_

namespace ssnas {

// Returns the exit code (core/exit_code.h).
int ExperimentMain(int argc, char** argv);

}  // namespace ssnas

#endif  // TOOLS_EXPERIMENT_MAIN_H_
