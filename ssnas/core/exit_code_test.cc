#include "ssnas/core/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "ssnas/core/shutdown.h"

namespace ssnas {
namespace {

// The table of docs/errors.md.
TEST(ExitCode, EveryAreaHasItsOwn) {
  const absl::Status error = absl::InvalidArgumentError("x");
  EXPECT_EQ(ExitCode(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCode(error), 1);
  EXPECT_EQ(ExitCode(InArea(ErrorArea::kUser, error)), 2);
  EXPECT_EQ(ExitCode(InArea(ErrorArea::kData, error)), 3);
  EXPECT_EQ(ExitCode(InArea(ErrorArea::kRunFolder, error)), 4);
  EXPECT_EQ(ExitCode(InArea(ErrorArea::kResources, error)), 5);
  EXPECT_EQ(ExitCode(InArea(ErrorArea::kComputation, error)), 6);
}

TEST(ExitCode, TheFirstAreaStaysAndCodeAndMessageToo) {
  const absl::Status inner = InArea(ErrorArea::kResources, absl::ResourceExhaustedError("full"));
  const absl::Status outer = InArea(ErrorArea::kRunFolder, inner);
  EXPECT_EQ(ExitCode(outer), 5);
  EXPECT_TRUE(absl::IsResourceExhausted(outer));
  EXPECT_EQ(outer.message(), "full");
  EXPECT_TRUE(InArea(ErrorArea::kData, absl::OkStatus()).ok());
}

TEST(ExitCode, AStopCarriesItsSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SetShutdownSignal(signal);
    const absl::Status stopped = InArea(ErrorArea::kRunFolder, StoppedStatus());
    EXPECT_TRUE(absl::IsCancelled(stopped));
    EXPECT_EQ(ExitCode(stopped), signal == SIGINT ? 130 : 143);
  }
  SetShutdownSignal(0);
}

}  // namespace
}  // namespace ssnas
