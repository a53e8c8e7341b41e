// Files that Bazel put beside the program: data sets that come with the build.
//
// A program may be started by `bazel run`, as a test, from bazel-bin, or out of another program's runfiles;
// all of these places are looked at.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(std::string path, FindRunfile("debian/fashion_mnist/usr/share/…/x.gz"));
#ifndef SSNAS_DATASETS_RUNFILES_H_
#define SSNAS_DATASETS_RUNFILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ssnas {

// `relative` begins with the repository's name. NotFound lists the folders that were looked into.
absl::StatusOr<std::string> FindRunfile(const std::string& relative);

// Where runfiles of a program may be, the likeliest first: what the environment says ($RUNFILES_DIR,
// $TEST_SRCDIR), PATH.runfiles for each path of the program, and every enclosing folder named *.runfiles.
std::vector<std::string> RunfilesFolders(const std::vector<std::string>& environment,
                                         const std::vector<std::string>& program_paths,
                                         const std::string& working_folder);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_RUNFILES_H_
