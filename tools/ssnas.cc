// ssnas --spec=FILE: runs an experiment's stages. Every experiment's target is this program with a
// spec.
#include "tools/experiment_main.h"

int main(int argc, char** argv) { return ssnas::ExperimentMain(argc, argv); }
