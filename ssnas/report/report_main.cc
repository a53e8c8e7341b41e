// Makes report.html of a run again:   ./bazelw run //tools:report -- RUN_FOLDER
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/report/report.h"

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
    std::fprintf(
        stderr,
        "Writes report.html into a run folder, from the files in it.\n"
        "  ./bazelw run //tools:report -- RUN_FOLDER     for example runs/fashion_mnist_ssnas\n");
    return static_cast<int>(ssnas::ErrorArea::kUser);
  }
  const std::string folder = ssnas::UserPath(argv[1]);
  const absl::Status status = ssnas::WriteReport(folder);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return ssnas::ExitCode(status);
  }
  std::printf("report   %s        ← open this\n", ssnas::JoinPath(folder, "report.html").c_str());
  return 0;
}
