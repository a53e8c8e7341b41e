#include "ssnas/core/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json Line(int step) { return {{"step", step}, {"loss", 1.0 / (step + 2)}}; }

std::string Metrics(int steps) {
  std::string text;
  for (int step = 1; step <= steps; ++step) text += Line(step).dump() + "\n";
  return text;
}

// A journal of steps 1 … `steps`; returns what Sync gave.
uint64_t Write(const std::string& folder, uint64_t from_bytes, int first, int last) {
  auto journal = Journal::Open(folder, from_bytes);
  EXPECT_TRUE(journal.ok()) << journal.status();
  for (int step = first; step <= last; ++step) {
    EXPECT_TRUE((*journal)->Metric(Line(step)).ok());
    EXPECT_TRUE((*journal)->Timing({{"step", step}, {"seconds", 0.5}}).ok());
  }
  return *(*journal)->Sync();
}

std::vector<std::string> EventFiles(const std::string& folder) {
  std::vector<std::string> files;
  const auto names = ListFolder(folder);
  for (const std::string& name : *names) {
    if (absl::StartsWith(name, "events.out.tfevents.")) files.push_back(name);
  }
  return files;
}

TEST(Journal, OneObjectALine) {
  const TestFolder folder;
  EXPECT_EQ(Write(folder.path(), 0, 1, 3), Metrics(3).size());
  EXPECT_EQ(*ReadFile(folder / "metrics.jsonl"), Metrics(3));
  EXPECT_EQ(
      *ReadFile(folder / "timings.jsonl"),
      "{\"step\":1,\"seconds\":0.5}\n{\"step\":2,\"seconds\":0.5}\n{\"step\":3,\"seconds\":0.5}\n");
}

TEST(Journal, AResumeCutsTheMetricsAndKeepsTheTimings) {
  const TestFolder folder;
  const uint64_t at_two = Write(folder.path(), 0, 1, 2);
  Write(folder.path(), at_two, 3, 5);
  EXPECT_EQ(*ReadFile(folder / "metrics.jsonl"), Metrics(5));
  EXPECT_EQ(Write(folder.path(), at_two, 3, 6), Metrics(6).size());
  EXPECT_EQ(*ReadFile(folder / "metrics.jsonl"), Metrics(6));
  const std::string timings = *ReadFile(folder / "timings.jsonl");
  EXPECT_EQ(std::count(timings.begin(), timings.end(), '\n'), 2 + 3 + 4);
}

TEST(Journal, ALineThatAKillCutIsRemoved) {
  const TestFolder folder;
  Write(folder.path(), 0, 1, 1);
  const std::string timings = *ReadFile(folder / "timings.jsonl");
  for (const std::string& torn : {std::string("{\"st"), std::string(10000, 'x')}) {
    ASSERT_TRUE(WriteFileSynced(folder / "timings.jsonl", timings + torn).ok());
    ASSERT_TRUE(WriteFileSynced(folder / "metrics.jsonl", Metrics(1) + torn).ok());
    ASSERT_TRUE(Journal::Open(folder.path(), Metrics(1).size()).ok());
    EXPECT_EQ(*ReadFile(folder / "timings.jsonl"), timings);
    EXPECT_EQ(*ReadFile(folder / "metrics.jsonl"), Metrics(1));
  }
  ASSERT_TRUE(WriteFileSynced(folder / "timings.jsonl", "torn from the start").ok());
  ASSERT_TRUE(Journal::Open(folder.path(), 0).ok());
  EXPECT_EQ(*ReadFile(folder / "timings.jsonl"), "");
}

TEST(Journal, MetricsThatWereChangedAreRefused) {
  const TestFolder folder;
  const uint64_t bytes = Write(folder.path(), 0, 1, 2);
  for (const uint64_t wrong : {bytes + 1, bytes - 1, uint64_t{1} << 40, uint64_t{1} << 63}) {
    const absl::Status status = Journal::Open(folder.path(), wrong).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << wrong;
    EXPECT_EQ(ExitCode(status), 4);
    EXPECT_THAT(std::string(status.message()), HasSubstr("--overwrite"));
  }
  EXPECT_EQ(*ReadFile(folder / "metrics.jsonl"), Metrics(2));
}

TEST(Journal, NumbersAreEventsInAFileOfThisStart) {
  const TestFolder folder;
  {
    auto journal = Journal::Open(folder.path(), 0);
    ASSERT_TRUE(journal.ok()) << journal.status();
    ASSERT_TRUE(
        (*journal)->Metric({{"step", 5}, {"loss", 2.5}, {"cell", "text"}, {"rows", {1, 2}}}).ok());
    ASSERT_TRUE((*journal)->Metric({{"event", "no step, no number"}}).ok());
  }
  const std::vector<std::string> files = EventFiles(folder.path());
  ASSERT_EQ(files.size(), 1u);
  const std::string events = *ReadFile(folder / files[0]);
  // Frames: header, start of the process at step 5, one scalar.
  std::vector<std::string> frames;
  for (size_t at = 0; at < events.size();) {
    uint64_t length = 0;
    std::memcpy(&length, events.data() + at, 8);
    frames.push_back(events.substr(at + 12, length));
    at += length + 16;
  }
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_THAT(frames[0], HasSubstr("brain.Event:2"));
  EXPECT_EQ(frames[1].substr(9), std::string("\x10\x05\x3a\x02\x08\x01"));
  EXPECT_EQ(frames[2].substr(9),
            std::string("\x10\x05\x2a\x0d\x0a\x0b\x0a\x04loss\x15\0\0\x20\x40", 17));
}

TEST(Journal, AfterAnyFaultTheRunGoesOnByteEqual) {
  const TestFolder folder;
  const uint64_t at_two = Metrics(2).size();
  ForEveryFault(
      [&] {
        ASSERT_TRUE(RemoveTree(folder / "stage").ok());
        ASSERT_TRUE(MakeFolders(folder / "stage").ok());
        // An earlier process, whose event file has another name.
        ASSERT_EQ(RunInChild([&] {
                    Write(folder / "stage", 0, 1, 3);
                    return testing::Test::HasFailure() ? 1 : 0;
                  }),
                  0);
      },
      [&]() -> absl::Status {
        auto journal = Journal::Open(folder / "stage", at_two);
        if (!journal.ok()) return journal.status();
        absl::Status status = (*journal)->Metric(Line(3));
        if (status.ok()) status = (*journal)->Timing(Line(3));
        return status.ok() ? (*journal)->Sync().status() : status;
      },
      [&](const InjectedFault& fault, const absl::Status& status) {
        if (fault.fault == Fault::kNoSpace && !status.ok()) {
          ASSERT_EQ(ExitCode(status), 5);
        }
        if (fault.fault == Fault::kIoError && !status.ok()) {
          ASSERT_EQ(ExitCode(status), 4);
        }
        ASSERT_EQ(Write(folder / "stage", at_two, 3, 4), Metrics(4).size());
        ASSERT_EQ(*ReadFile(folder / "stage/metrics.jsonl"), Metrics(4));
      });
}

}  // namespace
}  // namespace ssnas
