#include "ssnas/core/fail_point.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "ssnas/core/testing/fault_harness.h"

// Every test runs in a child: the environment is read once a process.
namespace ssnas {
namespace {

// How many calls pass before `fault` is met, out of ten, with the environment set to `text`.
int FirstOfFault(const char* text, Fault fault, std::string* error_text = nullptr) {
  return RunInChild(
      [&] {
        setenv("SSNAS_FAIL_POINT", text, 1);
        for (int call = 1; call <= 10; ++call) {
          if (NextFault() == fault) return call;
        }
        return 0;
      },
      error_text);
}

TEST(FailPoint, IsReadFromTheEnvironment) {
  EXPECT_EQ(FirstOfFault("enospc@3", Fault::kNoSpace), 3);
  EXPECT_EQ(FirstOfFault("eio@1", Fault::kIoError), 1);
  EXPECT_EQ(FirstOfFault("short@10", Fault::kShortWrite), 10);
  EXPECT_EQ(FirstOfFault("eintr@2+", Fault::kInterrupted), 2);
  EXPECT_EQ(FirstOfFault("enospc@11", Fault::kNoSpace), 0);
  EXPECT_EQ(FirstOfFault("kill@4", Fault::kNoSpace), -SIGKILL);
  EXPECT_EQ(FirstOfFault("", Fault::kNoSpace), 0);
}

TEST(FailPoint, AnUnknownTextEndsTheProcess) {
  for (const char* text : {"kil@3", "kill", "kill@", "kill@0", "kill@-1", "kill@3x", "kill@3++"}) {
    std::string error;
    EXPECT_EQ(FirstOfFault(text, Fault::kNone, &error), 2) << text;
    EXPECT_NE(error.find("kill@17"), std::string::npos) << error;
  }
}

TEST(FailPoint, CallsAreCountedAtExit) {
  std::string text;
  const int code = RunInChild(
      [] {
        setenv("SSNAS_FAIL_POINT", "count", 1);
        for (int call = 0; call < 5; ++call) NextFault();
        std::exit(0);
        return 1;
      },
      &text);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(text, "SSNAS_FAIL_POINT: 5 calls\n");
}

TEST(FailPoint, OnceOrFromThereOn) {
  const auto hits = [](bool onwards) {
    return RunInChild([&] {
      ArmFault(Fault::kIoError, 4, onwards);
      int count = 0;
      for (int call = 0; call < 10; ++call) count += NextFault() == Fault::kIoError;
      return FaultCalls() == 10 ? count : -1;
    });
  };
  EXPECT_EQ(hits(false), 1);
  EXPECT_EQ(hits(true), 7);
}

}  // namespace
}  // namespace ssnas
