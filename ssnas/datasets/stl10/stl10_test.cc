#include "ssnas/datasets/stl10/stl10.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/datasets/stl10/stl10.pb.h"

namespace ssnas {
namespace {

constexpr int kSize = 96;
constexpr int kRecord = 3 * kSize * kSize;
constexpr int kTrain = 4, kTest = 2, kUnlabeled = 3, kFold = 2;
constexpr char kAgain[] =
    ". Unpack stl10_binary.tar.gz (2.6 GB, md5 91f7769df0f17e558f3565bffb0c7dfb) again";

uint8_t Pixel(int image, int row, int column, int channel) {
  return static_cast<uint8_t>(40 * image + 3 * row + 5 * column + 70 * channel);
}

// Images first … first + count − 1: planes one after another, each column by column.
std::string ImageFile(int first, int count) {
  std::string bytes;
  for (int i = first; i < first + count; ++i) {
    for (int channel = 0; channel < 3; ++channel) {
      for (int column = 0; column < kSize; ++column) {
        for (int row = 0; row < kSize; ++row) {
          bytes.push_back(static_cast<char>(Pixel(i, row, column, channel)));
        }
      }
    }
  }
  return bytes;
}

void ExpectImage(const ImageSet& images, int64_t index, int image) {
  const ImageView view = images.Get(index);
  ASSERT_EQ(view.height, kSize);
  ASSERT_EQ(view.width, kSize);
  ASSERT_EQ(view.channels, 3);
  int different = 0;
  for (int row = 0; row < kSize; ++row) {
    for (int column = 0; column < kSize; ++column) {
      for (int channel = 0; channel < 3; ++channel) {
        different +=
            view.pixels[(row * kSize + column) * 3 + channel] != Pixel(image, row, column, channel);
      }
    }
  }
  EXPECT_EQ(different, 0) << "image " << image;
}

// Line i: i mod 4 and i + 1 mod 4.
std::string FoldFile() {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += std::to_string(i % kTrain) + " " + std::to_string((i + 1) % kTrain) + " \n";
  }
  return text;
}

class Stl10Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = JoinPath(testing::TempDir(), test);
    ASSERT_TRUE(RemoveTree(folder_).ok());
    config_.set_train_images(kTrain);
    config_.set_test_images(kTest);
    config_.set_unlabeled_images(kUnlabeled);
    config_.set_fold_images(kFold);
    config_.set_cache_dir(JoinPath(folder_, "caches"));
    Write("train_X.bin", ImageFile(0, kTrain));
    Write("train_y.bin", {1, 10, 5, 2});
    Write("unlabeled_X.bin", ImageFile(1, kUnlabeled));
    Write("fold_indices.txt", FoldFile());
  }

  void Write(const std::string& name, const std::string& bytes) {
    const std::string path = JoinPath(folder_, name);
    ASSERT_TRUE(MakeFolders(ParentOf(path)).ok());
    ASSERT_TRUE(WriteFileSynced(path, bytes).ok());
  }

  absl::StatusOr<std::unique_ptr<ImageSet>> Images(Split split = Split::kTrain) const {
    return Stl10::Create(config_).value()->Images({.data_dir = folder_}, split);
  }
  absl::StatusOr<std::vector<int32_t>> Labels(Split split = Split::kTrain) const {
    return Stl10::Create(config_).value()->Labels({.data_dir = folder_}, split);
  }
  absl::Status Damage(const std::string& name, const std::string& what) const {
    return absl::DataLossError("stl10: " + JoinPath(folder_, name) + what + kAgain);
  }
  std::string CacheFile() const {
    const std::vector<std::string> caches = ListFolder(config_.cache_dir()).value();
    EXPECT_EQ(caches.size(), 1u);
    return JoinPath(JoinPath(config_.cache_dir(), caches[0]), "images.cache");
  }

  std::string folder_;
  Stl10Config config_;
};

TEST_F(Stl10Test, TurnsColumnsIntoRowsAndCountsLabelsFromZero) {
  const auto images = Images();
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), kTrain);
  for (int i = 0; i < kTrain; ++i) ExpectImage(**images, i, i);
  EXPECT_EQ(Labels().value(), (std::vector<int32_t>{0, 9, 4, 1}));
  EXPECT_EQ(Images(Split::kTest).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Stl10Test, ReadsTestFilesInTheArchivesOwnFolder) {
  ASSERT_TRUE(RemoveTree(folder_).ok());
  Write("stl10_binary/test_X.bin", ImageFile(2, kTest));
  Write("stl10_binary/test_y.bin", {3, 4});
  config_.set_fold(1);  // of training images only
  const auto images = Images(Split::kTest);
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), kTest);
  ExpectImage(**images, 1, 3);
  EXPECT_EQ(Labels(Split::kTest).value(), (std::vector<int32_t>{2, 3}));
}

TEST_F(Stl10Test, TakesAFoldInItsOrder) {
  config_.set_fold(3);  // images 3 and 0
  EXPECT_EQ(Stl10::Create(config_).value()->Info().train_size, kFold);
  const auto images = Images();
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), kFold);
  ExpectImage(**images, 0, 3);
  ExpectImage(**images, 1, 0);
  EXPECT_EQ(Labels().value(), (std::vector<int32_t>{1, 0}));
}

TEST_F(Stl10Test, RefusesDamagedFolds) {
  config_.set_fold(1);
  const std::string rest = "1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n";
  const struct {
    std::string text, what;
  } cases[] = {
      {"", ": has 1 lines; expected 10"},
      {"0 1\n" + rest, ": has 9 lines; expected 10"},
      {"0 1\n2\n" + rest, ": line 2 has 1 indices; expected 2"},
      {"0 1\n2 3 0\n" + rest, ": line 2 has 3 indices; expected 2"},
      {"0 1\n2 4\n" + rest, ": line 2, entry 2 is no index from 0 to 3"},
      {"0 1\n-1 2\n" + rest, ": line 2, entry 1 is no index from 0 to 3"},
      {"0 1\n2 x\n" + rest, ": line 2, entry 2 is no index from 0 to 3"},
      {std::string((1 << 20) + 1, '1'), " has more than 1048576 bytes"},
  };
  for (const auto& c : cases) {
    Write("fold_indices.txt", c.text);
    EXPECT_EQ(Images().status(), Damage("fold_indices.txt", c.what));
    EXPECT_EQ(Labels().status(), Damage("fold_indices.txt", c.what));
  }
  ASSERT_TRUE(RemoveTree(JoinPath(folder_, "fold_indices.txt")).ok());
  EXPECT_EQ(Images().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Stl10Test, RefusesFilesOfAnotherSize) {
  Write("train_X.bin", ImageFile(0, kTrain).substr(1));
  EXPECT_EQ(Images().status(),
            Damage("train_X.bin", " has 110591 bytes; expected 110592 (4 images)"));
  Write("train_y.bin", {1, 2, 3});
  EXPECT_EQ(Labels().status(), Damage("train_y.bin", " has 3 bytes; expected 4 (4 labels)"));
  Write("train_y.bin", {1, 2, 3, 4, 5});
  EXPECT_EQ(Labels().status(),
            Damage("train_y.bin", " has more than 4 bytes; expected 4 (4 labels)"));
}

TEST_F(Stl10Test, RefusesLabelsBelowOneAndPastTen) {
  for (const int label : {0, 11, 255}) {
    Write("train_y.bin", {1, 2, static_cast<char>(label), 4});
    EXPECT_EQ(Labels().status(),
              Damage("train_y.bin",
                     ": image 2 has label " + std::to_string(label) + "; expected 1 to 10"));
  }
}

TEST_F(Stl10Test, SaysWhatIsMissing) {
  for (const bool unlabeled : {false, true}) {
    config_.set_unlabeled(unlabeled);
    const std::string name = unlabeled ? "unlabeled_X.bin" : "train_X.bin";
    ASSERT_TRUE(RemoveTree(JoinPath(folder_, name)).ok());
    EXPECT_EQ(Images().status(),
              absl::NotFoundError(
                  "stl10: " + name + " not found in " + folder_ +
                  ". Expected the files of the binary version, from stl10_binary.tar.gz (2.6 GB, "
                  "md5 91f7769df0f17e558f3565bffb0c7dfb). Get them with\n    ./bazelw run "
                  "//tools:fetch_data -- stl10 --to=DIR\n"
                  "and give the folder that has them with --data_dir"));
  }
}

TEST_F(Stl10Test, UnlabeledImagesHaveNoLabels) {
  config_.set_unlabeled(true);
  EXPECT_EQ(Stl10::Create(config_).value()->Info().num_classes, 0);
  EXPECT_EQ(Stl10::Create(config_).value()->Info().train_size, kUnlabeled);
  // Files of labels that are there are not opened either.
  for (const Split split : {Split::kTrain, Split::kTest}) {
    EXPECT_EQ(Labels(split).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  config_.set_fold(0);
  EXPECT_EQ(Stl10::Create(config_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Stl10Test, MapsUnlabeledImagesFromACacheOfTheFile) {
  config_.set_unlabeled(true);
  const auto first = Images();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ((*first)->size(), kUnlabeled);
  for (int i = 0; i < kUnlabeled; ++i) ExpectImage(**first, i, i + 1);
  const std::string cache = ReadFile(CacheFile()).value();
  EXPECT_GT(cache.size(), size_t{kUnlabeled * kRecord});

  // A damaged cache is made again, from the same file to the same bytes.
  std::string damaged = cache;
  damaged[100] ^= 1;
  ASSERT_TRUE(WriteFileAtomically(CacheFile(), damaged).ok());
  const auto second = Images();
  ASSERT_TRUE(second.ok()) << second.status();
  ExpectImage(**second, 0, 1);
  EXPECT_EQ(ReadFile(CacheFile()).value(), cache);

  // Another file of the same size takes its place.
  Write("unlabeled_X.bin", ImageFile(3, kUnlabeled));
  const auto third = Images();
  ASSERT_TRUE(third.ok()) << third.status();
  ExpectImage(**third, 0, 3);
}

TEST_F(Stl10Test, RefusesUnlabeledImagesOfAnotherSize) {
  config_.set_unlabeled(true);
  Write("unlabeled_X.bin", ImageFile(0, kUnlabeled) + "x");
  EXPECT_EQ(Images().status(),
            Damage("unlabeled_X.bin", " has 82945 bytes; expected 82944 (3 images)"));
  ASSERT_TRUE(RemoveTree(JoinPath(folder_, "unlabeled_X.bin")).ok());
  ASSERT_TRUE(MakeFolders(JoinPath(folder_, "unlabeled_X.bin")).ok());
  EXPECT_EQ(Images().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(PathExists(config_.cache_dir()));
}

TEST_F(Stl10Test, SaysWhenTheCacheHasNoRoom) {
  config_.set_unlabeled(true);
  config_.set_max_cache_gb(1e-5);
  const absl::Status status = Images().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ExitCode(status), 5);
  EXPECT_NE(status.message().find("Set dataset.config.max_cache_gb to more"), std::string::npos)
      << status;
}

TEST(Stl10SizeTest, IsTheRealOneByDefault) {
  Stl10Config config;
  EXPECT_EQ(Stl10::Create(config).value()->Info().train_size, 5000);
  EXPECT_EQ(Stl10::Create(config).value()->Info().test_size, 8000);
  config.set_fold(9);
  EXPECT_EQ(Stl10::Create(config).value()->Info().train_size, 1000);
  config.set_fold(-1);
  config.set_unlabeled(true);
  EXPECT_EQ(Stl10::Create(config).value()->Info().train_size, 100000);
}

}  // namespace
}  // namespace ssnas
