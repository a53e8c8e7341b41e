// SSNAS's program with the plugins of this repository: BUILD links them in.
#include "tools/experiment_main.h"

int main(int argc, char** argv) { return ssnas::ExperimentMain(argc, argv); }
