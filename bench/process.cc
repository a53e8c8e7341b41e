#include "bench/process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/status_macros.h"

extern char** environ;

namespace ssnas {
namespace {

std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

absl::Status Failed(const char* what, int error) {
  return absl::InternalError(absl::StrCat("cannot ", what, ": ", std::strerror(error)));
}

// Starts this program with its standard output in `write_end`.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, int read_end,
                            int write_end) {
  std::vector<char*> argv;
  std::string self = "/proc/self/exe";
  argv.push_back(self.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, read_end);
  posix_spawn_file_actions_addclose(&actions, write_end);
  pid_t child = 0;
  const int error = posix_spawn(&child, self.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Failed("start a process", error);
  return child;
}

}  // namespace

int64_t SteadyNanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<nlohmann::ordered_json> RunChild(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe(ends) != 0) return Failed("make a pipe", errno);
  const absl::StatusOr<pid_t> child = Spawn(arguments, ends[0], ends[1]);
  close(ends[1]);
  const std::string text = child.ok() ? ReadAll(ends[0]) : "";
  close(ends[0]);
  SSNAS_RETURN_IF_ERROR(child.status());
  int state = 0;
  while (waitpid(*child, &state, 0) < 0) {
    if (errno != EINTR) return Failed("wait for a process", errno);
  }
  if (WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL) {
    return absl::ResourceExhaustedError("killed, so it probably ran out of memory");
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    return absl::InternalError(absl::StrCat("a measuring process failed (wait status ", state,
                                            "); what it said is above"));
  }
  const std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n');
  return ParseJsonObject(lines.back(), "a measuring process's last line");
}

}  // namespace ssnas
