#include "ssnas/core/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunIdentity Identity() {
  return {.experiment = "smoke",
          .spec = "name: \"smoke\"\nsearch {\n  cells: 8\n  channels: 16\n}\n",
          .threads = 2,
          .cpu = "Intel AVX-512"};
}

absl::Status OpenStatus(const std::string& path, const RunIdentity& identity,
                        bool overwrite = false) {
  return RunFolder::Open(path, identity, overwrite).status();
}

// The refusal of `identity`, which must leave the folder as it was.
std::string Refusal(const std::string& path, const RunIdentity& identity) {
  const std::string before = ReadFile(path + "/run.json").value_or("");
  const absl::Status status = OpenStatus(path, identity);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(ExitCode(status), 4);
  EXPECT_EQ(ReadFile(path + "/run.json").value_or(""), before);
  return std::string(status.message());
}

TEST(RunFolder, IsMadeAndTakenUpAgain) {
  const TestFolder top;
  const std::string path = top / "runs/a";
  {
    const auto run = RunFolder::Open(path, Identity(), false);
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ((*run)->path(), path);
    EXPECT_EQ((*run)->threads(), 2);
    EXPECT_EQ(*(*run)->StageFolder("search/seed_1"), path + "/search/seed_1");
    EXPECT_TRUE(PathExists(path + "/search/seed_1"));
  }
  EXPECT_EQ(*ReadFile(path + "/spec.textproto"), Identity().spec);
  EXPECT_THAT(*ListFolder(path), ElementsAre(".lock", "run.json", "search", "spec.textproto"));
  RunIdentity any_threads = Identity();
  any_threads.threads = 0;
  const auto again = RunFolder::Open(path, any_threads, false);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->threads(), 2);
}

TEST(RunFolder, ThreadsAreResolvedOnce) {
  const TestFolder top;
  RunIdentity identity = Identity();
  identity.threads = 0;
  const auto run = RunFolder::Open(top / "a", identity, false);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_GE((*run)->threads(), 1);
}

TEST(RunFolder, AnotherSpecIsRefusedByField) {
  const TestFolder top;
  const std::string path = top / "a";
  ASSERT_TRUE(OpenStatus(path, Identity()).ok());
  RunIdentity other = Identity();
  other.spec = "name: \"smoke\"\nsearch {\n  cells: 8\n  channels: 24\n}\n";
  EXPECT_EQ(Refusal(path, other),
            path +
                ": this run was made with search.channels = 16, the spec now says 24. Use another "
                "--output_dir, or --overwrite to delete that run.");
  other.spec = "name: \"smoke\"\nseed: 3\nsearch {\n  cells: 7\n  channels: 24\n  batch: 1\n}\n";
  EXPECT_THAT(
      Refusal(path, other),
      HasSubstr("search.cells = 8, the spec now says 7; search.channels = 16, now 24; seed = not "
                "set, now 3; and 1 more."));
  other = Identity();
  other.spec = "# the same, said otherwise\n" + other.spec;
  EXPECT_TRUE(OpenStatus(path, other).ok());
}

TEST(RunFolder, AnotherExperimentThreadCountOrCpuIsRefused) {
  const TestFolder top;
  const std::string path = top / "a";
  ASSERT_TRUE(OpenStatus(path, Identity()).ok());
  RunIdentity other = Identity();
  other.experiment = "fashion";
  EXPECT_THAT(Refusal(path, other), HasSubstr("of experiment 'smoke', not 'fashion'"));
  other = Identity();
  other.threads = 4;
  EXPECT_THAT(Refusal(path, other), HasSubstr("made with 2 threads, now 4"));
  EXPECT_THAT(Refusal(path, other), HasSubstr("or say --threads=2. Use another --output_dir"));
  other = Identity();
  other.cpu = "Intel AVX2";
  EXPECT_THAT(Refusal(path, other), HasSubstr("of kind Intel AVX-512, this one is Intel AVX2"));
}

TEST(RunFolder, OtherImagesAreRefused) {
  const TestFolder top;
  const std::string path = top / "a";
  RunIdentity identity = Identity();
  identity.data = "one";
  ASSERT_TRUE(OpenStatus(path, identity).ok());
  EXPECT_TRUE(OpenStatus(path, identity).ok());
  identity.data = "two";
  EXPECT_THAT(Refusal(path, identity), HasSubstr("this run was made with other images"));
  EXPECT_TRUE(OpenStatus(path, identity, /*overwrite=*/true).ok());
  EXPECT_TRUE(OpenStatus(path, identity).ok());
}

TEST(RunFolder, OneProcessAtATime) {
  const TestFolder top;
  const std::string path = top / "a";
  auto run = RunFolder::Open(path, Identity(), false);
  ASSERT_TRUE(run.ok()) << run.status();
  const std::string expected =
      absl::StrCat(path, ": another process (pid ", getpid(), ") is writing here.");
  for (const bool overwrite : {false, true}) {
    const int other = RunInChild([&] {
      const absl::Status status = OpenStatus(path, Identity(), overwrite);
      return absl::IsUnavailable(status) && status.message() == expected && ExitCode(status) == 4
                 ? 0
                 : 1;
    });
    EXPECT_EQ(other, 0);
  }
  EXPECT_TRUE(PathExists(path + "/run.json"));
  run->reset();
  EXPECT_TRUE(OpenStatus(path, Identity()).ok());
}

TEST(RunFolder, AFolderOfOtherFilesIsLeftAlone) {
  const TestFolder top;
  for (const char* name : {"photo.jpg", "spec.textproto", "run.json.tmp"}) {
    const std::string path = top / absl::StrCat("with_", name);
    ASSERT_TRUE(MakeFolders(path).ok());
    ASSERT_TRUE(WriteFileSynced(JoinPath(path, name), "mine").ok());
    for (const bool overwrite : {false, true}) {
      const absl::Status status = OpenStatus(path, Identity(), overwrite);
      EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(name));
      EXPECT_EQ(ExitCode(status), 4);
    }
    EXPECT_THAT(*ListFolder(path), ElementsAre(name));
    EXPECT_EQ(*ReadFile(JoinPath(path, name)), "mine");
  }
  ASSERT_TRUE(WriteFileSynced(top / "file", "mine").ok());
  EXPECT_THAT(std::string(OpenStatus(top / "file", Identity(), true).message()),
              HasSubstr("is a file"));
  ASSERT_TRUE(MakeFolders(top / "empty").ok());
  EXPECT_TRUE(OpenStatus(top / "empty", Identity(), true).ok());
}

TEST(RunFolder, OverwriteDeletesTheRun) {
  const TestFolder top;
  const std::string path = top / "a";
  {
    auto run = RunFolder::Open(path, Identity(), false);
    ASSERT_TRUE((*run)->FinishStage("derive", "digest", "{}").ok());
  }
  RunIdentity other = Identity();
  other.spec = "name: \"other\"\n";
  other.threads = 3;
  const auto run = RunFolder::Open(path, other, true);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ((*run)->threads(), 3);
  EXPECT_FALSE(PathExists(path + "/derive"));
  EXPECT_EQ(*ReadFile(path + "/spec.textproto"), other.spec);
}

TEST(RunFolder, ADamagedIdentityIsRefusedWithWhatToDo) {
  const TestFolder top;
  const std::string path = top / "a";
  ASSERT_TRUE(OpenStatus(path, Identity()).ok());
  const std::string whole = *ReadFile(path + "/run.json");
  const auto damaged = [&](const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(whole, {{from, to}});
  };
  for (const std::string& text :
       {std::string(), std::string("{"), whole.substr(0, whole.size() / 2),
        damaged(": 2", ": \"2\""), damaged("\"threads\"", "\"fields\""), damaged("\"smoke\"", "7"),
        damaged(": 2", ": -2"), damaged(": 2", ": 4294967298"),
        damaged("\"format_version\": 1", "\"format_version\": 9"),
        damaged("\"format_version\": 1", "\"format_version\": \"1\"")}) {
    ASSERT_TRUE(WriteFileSynced(path + "/run.json", text).ok());
    EXPECT_THAT(Refusal(path, Identity()), HasSubstr("--overwrite to delete that run")) << text;
  }
  EXPECT_TRUE(OpenStatus(path, Identity(), /*overwrite=*/true).ok());
  // The spec's text is for messages; what decides is its digest.
  ASSERT_TRUE(WriteFileSynced(path + "/spec.textproto", "edited").ok());
  EXPECT_TRUE(OpenStatus(path, Identity()).ok());
  RunIdentity other = Identity();
  other.spec = "name: \"other\"\n";
  EXPECT_THAT(Refusal(path, other), HasSubstr("spec.textproto is missing or was changed"));
}

TEST(RunFolder, AFinishedStageIsRemembered) {
  const TestFolder top;
  auto run = RunFolder::Open(top / "a", Identity(), false);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_FALSE((*run)->StageResult("probe/found", "d1")->has_value());
  ASSERT_TRUE(
      (*run)->FinishStage("probe/found", "d1", R"({"accuracy": 0.1, "list": [1, 2]})").ok());
  EXPECT_EQ(**(*run)->StageResult("probe/found", "d1"),
            R"({"accuracy":0.1,"list":[1,2],"digest":"d1"})");
  const absl::Status other = (*run)->StageResult("probe/found", "d2").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(other));
  EXPECT_EQ(ExitCode(other), 4);
  EXPECT_THAT(std::string(other.message()),
              HasSubstr("stage probe/found was made with another spec"));
  EXPECT_FALSE((*run)->FinishStage("derive", "d", "not JSON").ok());
}

TEST(RunFolder, EveryFlippedBitOfAResultIsNoticed) {
  const TestFolder top;
  auto run = RunFolder::Open(top / "a", Identity(), false);
  ASSERT_TRUE(run.ok()) << run.status();
  ASSERT_TRUE((*run)->FinishStage("probe", "d1", R"({"accuracy": 0.8412})").ok());
  const std::string path = top / "a/probe/result.json";
  const std::string whole = *ReadFile(path);
  const std::string result = **(*run)->StageResult("probe", "d1");
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ASSERT_TRUE(WriteFileSynced(path, bytes).ok());
    const auto read = (*run)->StageResult("probe", "d1");
    if (read.ok()) {  // white space between the fields
      EXPECT_EQ(**read, result) << bit;
    } else {
      EXPECT_EQ(ExitCode(read.status()), 4);
      EXPECT_THAT(std::string(read.status().message()), HasSubstr("Delete the folder")) << bit;
    }
  }
}

// Killed or refused at any call, the same command comes to the same folder.
TEST(RunFolder, MakingOneCanBeInterruptedAnywhere) {
  const TestFolder top;
  const std::string path = top / "runs/a";
  ForEveryFault([&] { ASSERT_TRUE(RemoveTree(top / "runs").ok()); },
                [&] { return OpenStatus(path, Identity()); },
                [&](const InjectedFault& fault, const absl::Status& status) {
                  if (!status.ok() && !fault.kills()) {
                    ASSERT_EQ(ExitCode(status), fault.fault == Fault::kNoSpace ? 5 : 4) << status;
                  }
                  const absl::Status again = OpenStatus(path, Identity());
                  ASSERT_TRUE(again.ok()) << again;
                  ASSERT_EQ(*ReadFile(path + "/spec.textproto"), Identity().spec);
                });
}

TEST(RunFolder, OverwritingCanBeInterruptedAnywhere) {
  const TestFolder top;
  const std::string path = top / "a";
  RunIdentity other = Identity();
  other.spec = "name: \"other\"\n";
  ForEveryFault(
      [&] {
        auto run = RunFolder::Open(path, Identity(), true);
        ASSERT_TRUE(run.ok()) << run.status();
        ASSERT_TRUE((*run)->FinishStage("probe/found", "d1", "{}").ok());
      },
      [&] { return OpenStatus(path, other, true); },
      [&](const InjectedFault&, const absl::Status&) {
        const absl::Status again = OpenStatus(path, other, true);
        ASSERT_TRUE(again.ok()) << again;
        ASSERT_THAT(*ListFolder(path), ElementsAre(".lock", "run.json", "spec.textproto"));
      });
}

TEST(RunFolder, FinishingAStageIsAllOrNothing) {
  const TestFolder top;
  auto run = RunFolder::Open(top / "a", Identity(), false);
  ASSERT_TRUE(run.ok()) << run.status();
  ForEveryFault([&] { ASSERT_TRUE(RemoveTree(top / "a/probe").ok()); },
                [&] { return (*run)->FinishStage("probe/found", "d1", R"({"accuracy": 0.5})"); },
                [&](const InjectedFault&, const absl::Status& status) {
                  const auto result = (*run)->StageResult("probe/found", "d1");
                  ASSERT_TRUE(result.ok()) << result.status();
                  ASSERT_TRUE(!status.ok() || result->has_value());
                  if (result->has_value()) {
                    ASSERT_EQ(**result, R"({"accuracy":0.5,"digest":"d1"})");
                  }
                });
}

}  // namespace
}  // namespace ssnas
