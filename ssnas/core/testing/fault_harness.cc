#include "ssnas/core/testing/fault_harness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

const char* FaultName(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kNoSpace:
      return "enospc";
    case Fault::kIoError:
      return "eio";
    case Fault::kShortWrite:
      return "short";
    case Fault::kInterrupted:
      return "eintr";
    case Fault::kKill:
      return "kill";
  }
  return "";
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[1 << 12];
  for (ssize_t count; (count = read(fd, buffer, sizeof(buffer))) > 0;) text.append(buffer, count);
  return text;
}

}  // namespace

TestFolder::TestFolder() {
  const std::string fast = "/dev/shm";
  std::string name =
      (access(fast.c_str(), W_OK) == 0 ? fast : testing::TempDir()) + "/ssnas_XXXXXX";
  CHECK(mkdtemp(name.data()) != nullptr) << name;
  path_ = name;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int RunInChild(const std::function<int()>& body, std::string* error_text) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  std::fflush(nullptr);
  const pid_t child = fork();
  CHECK_GE(child, 0);
  if (child == 0) {
    if (error_text != nullptr) dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    _exit(body());
  }
  close(ends[1]);
  const std::string text = ReadAll(ends[0]);
  close(ends[0]);
  if (error_text != nullptr) *error_text = text;
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string InjectedFault::Name() const {
  return std::string(FaultName(fault)) + "@" + std::to_string(call) + (onwards ? "+" : "");
}

void ForEveryFault(const std::function<void()>& prepare, const std::function<absl::Status()>& work,
                   const std::function<void(const InjectedFault&, const absl::Status&)>& check) {
  prepare();
  ArmFault(Fault::kNone, 0);
  const absl::Status unharmed = work();
  ASSERT_TRUE(unharmed.ok()) << unharmed;
  const int64_t calls = FaultCalls();
  ASSERT_GT(calls, 0);
  std::vector<InjectedFault> faults;
  for (int64_t call = 1; call <= calls; ++call) {
    for (const Fault fault : {Fault::kNoSpace, Fault::kIoError}) {
      faults.push_back({fault, call, /*onwards=*/false});
      faults.push_back({fault, call, /*onwards=*/true});
    }
    for (const Fault fault : {Fault::kShortWrite, Fault::kInterrupted, Fault::kKill}) {
      faults.push_back({fault, call, /*onwards=*/false});
    }
  }
  for (const InjectedFault& fault : faults) {
    SCOPED_TRACE(fault.Name());
    prepare();
    absl::Status status;
    if (fault.kills()) {
      const int exit_code = RunInChild([&] {
        ArmFault(fault.fault, fault.call);
        return work().ok() ? 0 : 1;
      });
      ASSERT_EQ(exit_code, -SIGKILL);
      status = absl::AbortedError("killed");
    } else {
      ArmFault(fault.fault, fault.call, fault.onwards);
      status = work();
      ArmFault(Fault::kNone, 0);
    }
    if (fault.harmless()) {
      ASSERT_TRUE(status.ok()) << status;
    }
    check(fault, status);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace ssnas
