// Calls each third-party library once, so that a dependency that is missing, linked twice or
// clashing is found here and not in the first program that needs it.
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>

// libtorch's logging macros have the names of glog's, and the later include wins in silence.
#undef CHECK
#undef DCHECK
#undef DLOG
#undef LOG
#undef LOG_IF
#undef VLOG
#undef VLOG_IF
#undef VLOG_IS_ON

#include <gflags/gflags.h>
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>
#include <isa-l.h>
#include <openssl/sha.h>
#include <spng.h>
#include <turbojpeg.h>
#include <xxhash.h>
#include <zlib.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "nlohmann/json.hpp"
#include "third_party/smoke_test/smoke.pb.h"

DEFINE_string(smoke, "default", "A flag of the smoke test.");

namespace {

using ::testing::HasSubstr;

TEST(SmokeTest, Torch) { EXPECT_EQ(at::ones({3, 4}).sum().item<float>(), 12.0f); }

TEST(SmokeTest, Proto) {
  ssnas::smoke::Smoke inner, outer;
  inner.set_name("inner");
  outer.mutable_config()->PackFrom(inner);
  std::string text;
  ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(outer, &text));
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &outer));
  ssnas::smoke::Smoke unpacked;
  ASSERT_TRUE(outer.config().UnpackTo(&unpacked));
  EXPECT_EQ(unpacked.name(), "inner");
}

TEST(SmokeTest, Absl) {
  absl::flat_hash_map<std::string, int> map = {{"one", 1}};
  EXPECT_EQ(map.at("one"), 1);
  const absl::StatusOr<int> failed = absl::NotFoundError(absl::StrCat("no ", "one"));
  EXPECT_THAT(failed.status().ToString(), HasSubstr("no one"));
  EXPECT_EQ(absl::StrFormat("%.2f", 0.5), "0.50");
  EXPECT_EQ(absl::ToInt64Seconds(absl::Minutes(2)), 120);
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  absl::BitGen generator;
  EXPECT_LT(absl::Uniform(generator, 0, 10), 10);
}

TEST(SmokeTest, GlogAndGflags) {
  EXPECT_EQ(FLAGS_smoke, "default");
  CHECK_EQ(1, 1) << "glog's CHECK, not libtorch's";
  EXPECT_FALSE(google::IsGoogleLoggingInitialized());
}

TEST(SmokeTest, Highway) {
  EXPECT_NE(hwy::SupportedTargets(), 0);
  std::unique_ptr<float[], hwy::AlignedFreer> aligned = hwy::AllocateAligned<float>(64);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned.get()) % HWY_ALIGNMENT, 0u);
}

TEST(SmokeTest, Json) { EXPECT_EQ(nlohmann::json::parse(R"({"a": [1, 2]})")["a"][1], 2); }

// The digests below are published test vectors of each algorithm.
TEST(SmokeTest, Digests) {
  unsigned char text[] = "123456789";
  EXPECT_EQ(~crc32_iscsi(text, 9, ~0u), 0xE3069283u);
  EXPECT_EQ(crc32(0, text, 9), 0xCBF43926u);
  EXPECT_EQ(XXH64("", 0, 0), 0xEF46DB3751D8E999u);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>("abc"), 3, digest);
  EXPECT_EQ(digest[0], 0xBA);
  EXPECT_EQ(digest[31], 0xAD);
}

TEST(SmokeTest, Images) {
  spng_ctx* png = spng_ctx_new(0);
  ASSERT_NE(png, nullptr);
  EXPECT_NE(spng_decode_image(png, nullptr, 0, SPNG_FMT_RGB8, 0), 0);
  spng_ctx_free(png);
  tjhandle jpeg = tjInitDecompress();
  ASSERT_NE(jpeg, nullptr);
  EXPECT_EQ(tjDestroy(jpeg), 0);
}

TEST(SmokeTest, FashionMnist) {
  std::ifstream file(
      "../debian/fashion_mnist/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz",
      std::ios::binary);
  EXPECT_EQ(file.get(), 0x1F) << "the first byte of a gzip file";
  EXPECT_EQ(file.get(), 0x8B);
}

}  // namespace
