#include "ssnas/engine/make_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ssnas/core/exit_code.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;

TEST(MakeEngineTest, NamesTheEnginesThereAre) {
  for (const std::string& name : EngineNames()) {
    EXPECT_EQ(CheckEngine(name, Pointwise::kFloat32), absl::OkStatus());
  }
  const absl::Status status = MakeEngine("fast", {}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("there is: fused, reference, check"));
  EXPECT_EQ(ExitCode(status), 2);
}

TEST(MakeEngineTest, OnlyTheFusedEngineHasBf16AndOnlyWhereTheCpuHas) {
  EXPECT_EQ(CheckEngine("fused", Pointwise::kBf16, /*cpu_has_bf16=*/true), absl::OkStatus());
  const absl::Status lacks = CheckEngine("fused", Pointwise::kBf16, /*cpu_has_bf16=*/false);
  EXPECT_THAT(std::string(lacks.message()), HasSubstr("AVX512-BF16"));
  EXPECT_THAT(std::string(lacks.message()), HasSubstr("runtime.pointwise: FLOAT32"));
  EXPECT_EQ(ExitCode(lacks), 2);
  EXPECT_EQ(CheckEngine("fused", Pointwise::kFloat32, /*cpu_has_bf16=*/false), absl::OkStatus());
  for (const char* name : {"reference", "check"}) {
    const absl::Status status = MakeEngine(name, {.pointwise = Pointwise::kBf16}).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("has no bf16 pointwise stages")) << name;
    EXPECT_EQ(ExitCode(status), 2);
  }
}

TEST(MakeEngineTest, TheModeIsInTheEnginesName) {
  EXPECT_EQ((*MakeEngine("fused", {}))->name(), "fused");
  if (!fused::HasBf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  EXPECT_EQ((*MakeEngine("fused", {.pointwise = Pointwise::kBf16}))->name(),
            "fused, bf16 pointwise");
  EXPECT_EQ(
      (*MakeEngine("fused", {.recompute = Recompute::kAll, .pointwise = Pointwise::kBf16}))->name(),
      "fused, recompute all, bf16 pointwise");
}

}  // namespace
}  // namespace ssnas
