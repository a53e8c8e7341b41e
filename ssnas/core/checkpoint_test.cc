#include "ssnas/core/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two shards whose bytes tell the step, and `salt` where one step is saved twice.
Checkpoint At(int64_t step, float salt = 0) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.metrics_bytes = 100 * step;
  checkpoint.counters = {{"seen", 64 * step}, {"negative", -step}};
  const std::vector<float> alphas = {static_cast<float>(step), 0.5f, salt};
  checkpoint.shards["alphas"].tensors = {NamedTensor::FromFloats("alphas", {3}, alphas.data())};
  std::vector<float> weights(500);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(step * 1000 + i);
  checkpoint.shards["weights"].tensors = {NamedTensor::FromFloats("w", {5, 100}, weights.data())};
  return checkpoint;
}

std::string Text(const Checkpoint& checkpoint) {
  std::string text = absl::StrCat(checkpoint.step, " ", checkpoint.metrics_bytes, "\n");
  for (const auto& [name, value] : checkpoint.counters) absl::StrAppend(&text, name, value, "\n");
  for (const auto& [name, file] : checkpoint.shards) {
    absl::StrAppend(&text, name, "\n", SerializeSafetensors(file));
  }
  return text;
}

struct Loaded {
  std::optional<Checkpoint> checkpoint;
  std::vector<std::string> notes;
  int64_t step() const { return checkpoint.has_value() ? checkpoint->step : -1; }
};

Loaded Load(const CheckpointStore& store) {
  Loaded loaded;
  auto newest = store.LoadNewest(&loaded.notes);
  EXPECT_TRUE(newest.ok()) << newest.status();
  if (newest.ok()) loaded.checkpoint = *std::move(newest);
  if (loaded.checkpoint.has_value()) {
    EXPECT_EQ(
        Text(*loaded.checkpoint),
        Text(At(loaded.step(), (*loaded.checkpoint->shards["alphas"].tensors[0].Floats(3))[2])));
  }
  return loaded;
}

TEST(Checkpoint, NothingIsThereAtFirst) {
  const TestFolder folder;
  EXPECT_EQ(Load(CheckpointStore(folder / "checkpoints", "digest")).step(), -1);
  EXPECT_FALSE(PathExists(folder / "checkpoints"));
}

TEST(Checkpoint, TheNewestIsLoadedAndTwoAreKept) {
  const TestFolder folder;
  const CheckpointStore store(folder / "checkpoints", "digest");
  for (const int64_t step : {7, 20, 330, 4000}) {
    ASSERT_TRUE(store.Save(At(step)).ok());
    EXPECT_EQ(Load(store).step(), step);
  }
  EXPECT_THAT(*ListFolder(folder / "checkpoints"), ElementsAre("000000330", "000004000"));
  EXPECT_THAT(*ListFolder(folder / "checkpoints/000004000"),
              ElementsAre("alphas.safetensors", "manifest.textproto", "weights.safetensors"));
}

TEST(Checkpoint, StepsOfManyDigitsAreInOrder) {
  const TestFolder folder;
  const CheckpointStore store(folder.path(), "digest");
  for (const int64_t step : {int64_t{999999999}, int64_t{1000000000}, int64_t{50000000000}}) {
    ASSERT_TRUE(store.Save(At(step)).ok());
    EXPECT_EQ(Load(store).step(), step);
  }
}

TEST(Checkpoint, ADamagedShardIsNamedAndTheOlderOneIsUsed) {
  const TestFolder folder;
  const CheckpointStore store(folder.path(), "digest");
  ASSERT_TRUE(store.Save(At(320)).ok());
  ASSERT_TRUE(store.Save(At(330)).ok());
  std::string bytes = *ReadFile(folder / "000000330/alphas.safetensors");
  bytes.back() ^= 1;
  ASSERT_TRUE(WriteFileSynced(folder / "000000330/alphas.safetensors", bytes).ok());
  const Loaded loaded = Load(store);
  EXPECT_EQ(loaded.step(), 320);
  EXPECT_THAT(
      loaded.notes,
      ElementsAre("checkpoint 000000330: shard alphas.safetensors fails its checksum; kept as "
                  "000000330.bad, going on from 000000320."));
  EXPECT_THAT(*ListFolder(folder.path()), ElementsAre("000000320", "000000330.bad"));
  EXPECT_EQ(*ReadFile(folder / "000000330.bad/alphas.safetensors"), bytes);
  // The run goes on; what is kept aside stays.
  ASSERT_TRUE(store.Save(At(330)).ok());
  EXPECT_EQ(Load(store).step(), 330);
  EXPECT_THAT(*ListFolder(folder.path()), ElementsAre("000000320", "000000330", "000000330.bad"));
}

TEST(Checkpoint, WhenAllAreDamagedTheStageStartsOver) {
  const TestFolder folder;
  const CheckpointStore store(folder.path(), "digest");
  for (const int64_t step : {1, 2}) {
    ASSERT_TRUE(store.Save(At(step)).ok());
    const std::string name = absl::StrCat("00000000", step);
    ASSERT_TRUE(RemoveTree(folder / name + "/weights.safetensors").ok());
  }
  const Loaded loaded = Load(store);
  EXPECT_EQ(loaded.step(), -1);
  EXPECT_THAT(loaded.notes,
              ElementsAre("checkpoint 000000002: weights.safetensors is missing; kept as "
                          "000000002.bad, going on from 000000001.",
                          "checkpoint 000000001: weights.safetensors is missing; kept as "
                          "000000001.bad, starting this stage over."));
}

// Damages one file of checkpoint 330 in one way after the other and expects 320 each time.
void ExpectNoticed(const TestFolder& folder, const CheckpointStore& store, const std::string& file,
                   const std::string& damaged, const std::string& what) {
  const std::string path = JoinPath(folder / "000000330", file);
  const std::string whole = *ReadFile(path);
  ASSERT_NE(damaged, whole);
  ASSERT_TRUE(WriteFileSynced(path, damaged).ok());
  const Loaded loaded = Load(store);
  ASSERT_EQ(loaded.step(), 320) << file << ": " << what;
  ASSERT_EQ(loaded.notes.size(), 1u);
  ASSERT_TRUE(RenameSynced(folder / "000000330.bad", folder / "000000330").ok());
  ASSERT_TRUE(WriteFileSynced(path, whole).ok());
}

class CheckpointDamage : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.Save(At(320)).ok());
    ASSERT_TRUE(store_.Save(At(330)).ok());
  }
  void TearDown() override { EXPECT_EQ(Load(store_).step(), 330); }  // made whole again

  std::string Whole(const std::string& file) {
    return *ReadFile(JoinPath(folder_ / "000000330", file));
  }

  const std::vector<std::string> files_ = {"manifest.textproto", "alphas.safetensors",
                                           "weights.safetensors"};
  TestFolder folder_;
  CheckpointStore store_{folder_.path(), "digest"};
};

TEST_F(CheckpointDamage, EveryFlippedBitOfManifestAndHeadersIsNoticed) {
  for (const std::string& file : files_) {
    const std::string whole = Whole(file);
    const size_t header = file == files_[0] ? whole.size() : whole.find("}}") + 2;
    for (size_t bit = 0; bit < 8 * header; ++bit) {
      std::string bytes = whole;
      bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
      ExpectNoticed(folder_, store_, file, bytes, absl::StrCat("bit ", bit));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(CheckpointDamage, FlippedBitsOfTheBodyAreNoticed) {
  std::mt19937 random(1);
  const std::string whole = Whole("weights.safetensors");
  for (int round = 0; round < 1000; ++round) {
    const size_t bit = random() % (8 * whole.size());
    std::string bytes = whole;
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ExpectNoticed(folder_, store_, "weights.safetensors", bytes, absl::StrCat("bit ", bit));
    if (HasFatalFailure()) return;
  }
}

TEST_F(CheckpointDamage, TornFilesAreNoticed) {
  for (const std::string& file : files_) {
    const std::string whole = Whole(file);
    for (size_t length = 0; length < whole.size(); length += 97) {
      ExpectNoticed(folder_, store_, file, whole.substr(0, length), "truncated");
      std::string zeroed = whole;
      zeroed.replace(length, std::string::npos, whole.size() - length, '\0');
      ExpectNoticed(folder_, store_, file, zeroed, "zeroed");
      if (HasFatalFailure()) return;
    }
    ExpectNoticed(folder_, store_, file, whole + "x", "longer");
    ExpectNoticed(folder_, store_, file, whole + whole, "twice");
  }
}

// The manifest with a checksum that holds, as somebody would write it by hand.
void Reseal(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = *ReadFile(path);
  text = absl::StrReplaceAll(text.substr(0, text.rfind("# sha256 ")), {{from, to}});
  ASSERT_TRUE(WriteFileSynced(path, absl::StrCat(text, "# sha256 ", Sha256(text), "\n")).ok());
}

TEST(Checkpoint, AHostileManifestEndsInANote) {
  const std::pair<std::string, std::string> changes[] = {
      {"alphas.safetensors", "../../secret"},
      {"alphas.safetensors", ".."},
      {"alphas.safetensors", ""},
      {"alphas.safetensors", "none"},
      {"step: 7", "step: 8"},
      {"step: 7", "step: -7"},
      {"shard {", "}"},
      {"bytes: ", "bytes: 1"},
  };
  for (const auto& [from, to] : changes) {
    const TestFolder folder;
    const CheckpointStore store(folder.path(), "digest");
    ASSERT_TRUE(store.Save(At(7)).ok());
    Reseal(folder / "000000007/manifest.textproto", from, to);
    const Loaded loaded = Load(store);
    EXPECT_EQ(loaded.step(), -1) << to;
    EXPECT_EQ(loaded.notes.size(), 1u) << to;
  }
}

TEST(Checkpoint, OfALaterFormatIsRefusedAndLeftAlone) {
  const TestFolder folder;
  const CheckpointStore store(folder.path(), "digest");
  ASSERT_TRUE(store.Save(At(7)).ok());
  Reseal(folder / "000000007/manifest.textproto", "format_version: 1",
         "format_version: 2\nnews: 3");
  std::vector<std::string> notes;
  const absl::Status status = store.LoadNewest(&notes).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(ExitCode(status), 4);
  EXPECT_THAT(std::string(status.message()), HasSubstr("has format 2, this program reads 1"));
  EXPECT_THAT(*ListFolder(folder.path()), ElementsAre("000000007"));
}

TEST(Checkpoint, OfAnotherSpecIsRefusedAndLeftAlone) {
  const TestFolder folder;
  ASSERT_TRUE(CheckpointStore(folder.path(), "digest").Save(At(7)).ok());
  std::vector<std::string> notes;
  const absl::Status status = CheckpointStore(folder.path(), "other").LoadNewest(&notes).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(ExitCode(status), 4);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_THAT(*ListFolder(folder.path()), ElementsAre("000000007"));
}

TEST(Checkpoint, LeftoversAndOtherNamesDoNotCount) {
  const TestFolder folder;
  const CheckpointStore store(folder.path(), "digest");
  ASSERT_TRUE(store.Save(At(7)).ok());
  for (const char* name : {"000000009.tmp", "9", "00000000x", "+00000009", "000000008.bad"}) {
    ASSERT_TRUE(MakeFolders(folder / name).ok());
  }
  const Loaded loaded = Load(store);
  EXPECT_EQ(loaded.step(), 7);
  EXPECT_THAT(loaded.notes, IsEmpty());
  EXPECT_THAT(*ListFolder(folder.path()),
              ElementsAre("+00000009", "000000007", "000000008.bad", "00000000x", "9"));
}

// After any fault at any system call of a save: the checkpoint before it or the new one, whole,
// without a note; and the next save goes well.
TEST(Checkpoint, ASaveCanFailAtEveryCall) {
  const TestFolder folder;
  const CheckpointStore store(folder / "c", "digest");
  int old_left = 0, new_left = 0;
  ForEveryFault(
      [&] {
        ASSERT_TRUE(RemoveTree(folder / "c").ok());
        ASSERT_TRUE(store.Save(At(10)).ok());
        ASSERT_TRUE(store.Save(At(20)).ok());
      },
      [&] { return store.Save(At(30)); },
      [&](const InjectedFault& fault, const absl::Status& status) {
        if (!status.ok() && fault.fault == Fault::kNoSpace) {
          ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
          ASSERT_EQ(ExitCode(status), 5);
          ASSERT_THAT(std::string(status.message()), HasSubstr("Free some space"));
        }
        if (!status.ok() && fault.fault == Fault::kIoError) {
          ASSERT_EQ(ExitCode(status), 4);
        }
        const Loaded loaded = Load(store);
        ASSERT_THAT(loaded.notes, IsEmpty());
        ASSERT_TRUE(loaded.step() == 20 || loaded.step() == 30) << loaded.step();
        ASSERT_TRUE(!status.ok() || loaded.step() == 30);
        (loaded.step() == 20 ? old_left : new_left) += 1;
        const auto names = ListFolder(folder / "c");
        for (const std::string& name : *names) {
          ASSERT_FALSE(absl::EndsWith(name, ".tmp")) << name;
        }
        ASSERT_TRUE(store.Save(At(40)).ok());
        ASSERT_EQ(Load(store).step(), 40);
        ASSERT_THAT(*ListFolder(folder / "c"), testing::SizeIs(2));
      });
  EXPECT_GT(old_left, 50);
  EXPECT_GT(new_left, 10);
}

TEST(Checkpoint, AFirstSaveCanFailAtEveryCall) {
  const TestFolder folder;
  const CheckpointStore store(folder / "stage/checkpoints", "digest");
  ForEveryFault([&] { ASSERT_TRUE(RemoveTree(folder / "stage").ok()); },
                [&] { return store.Save(At(10)); },
                [&](const InjectedFault&, const absl::Status& status) {
                  const Loaded loaded = Load(store);
                  ASSERT_THAT(loaded.notes, IsEmpty());
                  ASSERT_TRUE(loaded.step() == 10 || (loaded.step() == -1 && !status.ok()));
                  ASSERT_TRUE(store.Save(At(10)).ok());
                  ASSERT_EQ(Load(store).step(), 10);
                });
}

// The only checkpoint is replaced by another of the same step: one of the two is always there.
TEST(Checkpoint, SavingAStepAgainCanFailAtEveryCall) {
  const TestFolder folder;
  const CheckpointStore store(folder / "c", "digest");
  ForEveryFault(
      [&] {
        ASSERT_TRUE(RemoveTree(folder / "c").ok());
        ASSERT_TRUE(store.Save(At(10, 1)).ok());
      },
      [&] { return store.Save(At(10, 2)); },
      [&](const InjectedFault&, const absl::Status& status) {
        Loaded loaded = Load(store);
        ASSERT_THAT(loaded.notes, IsEmpty());
        ASSERT_EQ(loaded.step(), 10);
        const float salt = (*loaded.checkpoint->shards["alphas"].tensors[0].Floats(3))[2];
        ASSERT_TRUE(salt == 2 || (salt == 1 && !status.ok()));
      });
}

TEST(Checkpoint, LoadingCanFailAtEveryCall) {
  const TestFolder folder;
  const CheckpointStore store(folder / "c", "digest");
  ForEveryFault(
      [&] {
        ASSERT_TRUE(RemoveTree(folder / "c").ok());
        ASSERT_TRUE(store.Save(At(10)).ok());
        ASSERT_TRUE(store.Save(At(20)).ok());
        ASSERT_TRUE(WriteFileSynced(folder / "c/000000020/alphas.safetensors", "damaged").ok());
        ASSERT_TRUE(MakeFolders(folder / "c/000000030.tmp").ok());
        ASSERT_TRUE(MakeFolders(folder / "c/000000020.bad/old").ok());
      },
      [&] {
        std::vector<std::string> notes;
        return store.LoadNewest(&notes).status();
      },
      [&](const InjectedFault& fault, const absl::Status&) {
        // What could not be read is kept aside, whole, as what is damaged is.
        const bool unread =
            fault.fault == Fault::kIoError && PathExists(folder / "c/000000010.bad");
        if (unread) {
          ASSERT_TRUE(RenameSynced(folder / "c/000000010.bad", folder / "c/000000010").ok());
        }
        ASSERT_EQ(Load(store).step(), 10);
        ASSERT_THAT(*ListFolder(folder / "c"), ElementsAre("000000010", "000000020.bad"));
      });
}

}  // namespace
}  // namespace ssnas
