#include "ssnas/datasets/runfiles.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/file.h"

namespace ssnas {
namespace {

// Every folder on the way up from `path` that is named *.runfiles.
void AddEnclosing(std::string path, std::vector<std::string>& folders) {
  while (!path.empty()) {
    if (absl::EndsWith(path, ".runfiles")) folders.push_back(path);
    const size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

// The program as it was called, and the file that this is in the end.
std::vector<std::string> ProgramPaths() {
  std::vector<std::string> paths;
  const absl::StatusOr<std::string> command = ReadFile("/proc/self/cmdline");
  if (command.ok()) paths.push_back(command->substr(0, command->find('\0')));
  char target[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", target, sizeof(target));
  if (length > 0) paths.emplace_back(target, length);
  return paths;
}

}  // namespace

std::vector<std::string> RunfilesFolders(const std::vector<std::string>& environment,
                                         const std::vector<std::string>& program_paths,
                                         const std::string& working_folder) {
  std::vector<std::string> folders;
  for (const std::string& folder : environment) {
    if (!folder.empty()) folders.push_back(folder);
  }
  for (const std::string& path : program_paths) {
    folders.push_back(absl::StrCat(path, ".runfiles"));
    AddEnclosing(path, folders);
  }
  AddEnclosing(working_folder, folders);
  return folders;
}

absl::StatusOr<std::string> FindRunfile(const std::string& relative) {
  std::vector<std::string> environment;
  for (const char* name : {"RUNFILES_DIR", "TEST_SRCDIR"}) {
    const char* const value = std::getenv(name);
    environment.emplace_back(value == nullptr ? "" : value);
  }
  char working[PATH_MAX];
  const std::vector<std::string> folders =
      RunfilesFolders(environment, ProgramPaths(),
                      getcwd(working, sizeof(working)) == nullptr ? "" : working);
  for (const std::string& folder : folders) {
    std::string path = JoinPath(folder, relative);
    if (PathExists(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat(relative, " is in none of ", absl::StrJoin(folders, ", "),
                                          ". Build the program again with Bazel"));
}

}  // namespace ssnas
