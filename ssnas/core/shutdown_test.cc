#include "ssnas/core/shutdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::HasSubstr;

TEST(Shutdown, TheFirstSignalIsRememberedAndAnnounced) {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::string text;
    const int seen = RunInChild(
        [signal] {
          InstallShutdownHandlers();
          if (ShutdownSignal() != 0) return 1;
          errno = ERANGE;
          raise(signal);
          return errno == ERANGE ? ShutdownSignal() : 2;
        },
        &text);
    EXPECT_EQ(seen, signal);
    EXPECT_THAT(text, HasSubstr("stopping after this step …"));
  }
}

TEST(Shutdown, TheSecondEndsAtOnce) {
  std::string text;
  const auto twice = [](int first, int second) {
    return [first, second] {
      InstallShutdownHandlers();
      raise(first);
      raise(second);
      return 0;
    };
  };
  EXPECT_EQ(RunInChild(twice(SIGINT, SIGINT), &text), 130);
  EXPECT_EQ(RunInChild(twice(SIGTERM, SIGTERM), &text), 143);
  EXPECT_EQ(RunInChild(twice(SIGTERM, SIGINT), &text), 130);
}

TEST(Shutdown, AClosedPipeEndsNothing) {
  const int code = RunInChild([] {
    InstallShutdownHandlers();
    int ends[2];
    if (pipe(ends) != 0) return 1;
    close(ends[0]);
    return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(Shutdown, CanBeSetByTests) {
  SetShutdownSignal(SIGTERM);
  EXPECT_EQ(ShutdownSignal(), SIGTERM);
  SetShutdownSignal(0);
  EXPECT_EQ(ShutdownSignal(), 0);
}

}  // namespace
}  // namespace ssnas
