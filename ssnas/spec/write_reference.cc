// Writes docs/spec.md into the checkout that `bazel run` was called in; elsewhere prints it.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ssnas/core/file.h"
#include "ssnas/spec/reference.h"

int main() {
  const absl::StatusOr<std::string> page = ssnas::ReferencePage();
  if (!page.ok()) {
    std::fprintf(stderr, "%s\n", page.status().ToString().c_str());
    return 1;
  }
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    std::fputs(page->c_str(), stdout);
    return 0;
  }
  const std::string path = ssnas::JoinPath(workspace, ssnas::kReferencePath);
  const absl::Status written = ssnas::WriteFileAtomically(path, *page);
  if (!written.ok()) std::fprintf(stderr, "%s\n", written.ToString().c_str());
  return written.ok() ? 0 : 1;
}
