// What the preflight says beside what training steps take: peak resident memory less that of the
// built model, each in a process of its own.
#include "ssnas/training/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/memory/process_memory.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;

struct MemoryCase {
  std::string name;
  bool supernet = true;
  int cells = 3;
  int channels = 8;
  int64_t rows = 16;  // images of both views
  int64_t size = 32;
  std::string engine = "reference";
};

absl::StatusOr<NetworkPlan> Plan(const MemoryCase& what) {
  if (what.supernet) return PlanSupernet(DartsSpace(), what.cells, what.channels, 3);
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile("ssnas/networks/testdata/darts_v1.txt"));
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ParseArchitecture(text, "darts_v1.txt"));
  return PlanDerived(cell, {.cells = what.cells,
                            .channels = what.channels,
                            .image_size = what.size,
                            .image_channels = 3});
}

struct Measured {
  int64_t taken = 0;
  int64_t predicted = 0;
};

// A step of search, or of training, on this many rows; what it does not free stays in use.
absl::Status Step(const MemoryCase& what, Model& model, int64_t rows) {
  const Shape4 shape{rows, what.size, what.size, 3};
  std::vector<float> images(shape.count());
  for (size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 17;
  const NetworkPlan& plan = model.network().plan();
  std::vector<float> alphas(2 * plan.mixture_rows * plan.mixture_columns);
  std::vector<float> alpha_gradients(alphas.size()), gradients(model.weights().size());
  PassArgs args{.images = {images.data(), shape}};
  if (what.supernet) {
    args.alphas = alphas.data();
    args.alpha_gradients = alpha_gradients.data();
    SSNAS_RETURN_IF_ERROR(model.Pass(args).status());
    args.alpha_gradients = nullptr;
  }
  args.weight_gradients = gradients.data();
  return model.Pass(args).status();
}

absl::StatusOr<Measured> Measure(const MemoryCase& what) {
  SSNAS_ASSIGN_OR_RETURN(const auto engine, MakeEngine(what.engine, {}));
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, Plan(what));
  Measured measured;
  SSNAS_ASSIGN_OR_RETURN(measured.predicted,
                         SavedBytes(*engine, plan, {what.rows, what.size, what.size, 3}));
  PluginSpec objective;
  objective.set_name("nt_xent");
  SSNAS_ASSIGN_OR_RETURN(const auto model,
                         Model::Create(std::move(plan), *engine, objective, 10, 1, SerialFor));
  if (what.engine == "reference") {
    // Loads what libtorch loads and makes at its first use, which no batch makes larger.
    SSNAS_RETURN_IF_ERROR(Step(what, *model, 2));
  }
  ForgetPeak();
  const int64_t before = ResidentBytes();
  for (int step = 0; step < 2; ++step) SSNAS_RETURN_IF_ERROR(Step(what, *model, what.rows));
  measured.taken = PeakResidentBytes() - before;
  return measured;
}

// In a child, so that each case starts with nothing that an earlier one has left.
Measured MeasureInChild(const MemoryCase& what) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const absl::StatusOr<Measured> measured = Measure(what);
    if (!measured.ok()) {
      std::fprintf(stderr, "%s\n", measured.status().ToString().c_str());
      _exit(1);
    }
    _exit(write(ends[1], &*measured, sizeof(Measured)) == sizeof(Measured) ? 0 : 1);
  }
  close(ends[1]);
  Measured measured;
  EXPECT_EQ(read(ends[0], &measured, sizeof measured), static_cast<ssize_t>(sizeof measured));
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return measured;
}

class MemoryTest : public ::testing::TestWithParam<MemoryCase> {};

TEST_P(MemoryTest, StepsTakeWhatThePreflightSays) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer keeps memory of its own";
#endif
  const Measured measured = MeasureInChild(GetParam());
  const double ratio =
      static_cast<double>(measured.predicted) / static_cast<double>(measured.taken);
  std::printf("measured %.1f MB, predicted %.1f MB, ratio %.3f\n",
              static_cast<double>(measured.taken) / 1e6,
              static_cast<double>(measured.predicted) / 1e6, ratio);
  // The fused engine counts its buffers one by one, and leaves out each thread's scratch and what
  // pages are rounded up to. What libtorch's allocator leaves between blocks depends on the order
  // of sizes.
  const bool fused = GetParam().engine == "fused";
  EXPECT_GT(ratio, fused ? 0.85 : 0.8);
  EXPECT_LT(ratio, fused ? 1.1 : 1.2);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, MemoryTest,
    ::testing::Values(MemoryCase{"supernet_of_3_cells", true, 3, 8, 16, 16},
                      MemoryCase{"supernet_of_6_cells", true, 6, 4, 16, 16},
                      MemoryCase{"derived_of_3_cells", false, 3, 16, 16, 32},
                      MemoryCase{"derived_of_8_cells", false, 8, 36, 16, 16},
                      MemoryCase{"fused_supernet_of_3_cells", true, 3, 8, 32, 32, "fused"},
                      MemoryCase{"fused_supernet_of_8_cells", true, 8, 8, 32, 32, "fused"},
                      MemoryCase{"fused_derived_of_8_cells", false, 8, 36, 16, 32, "fused"}),
    [](const auto& info) { return info.param.name; });

TEST(CheckMemoryTest, SaysWhatFits) {
  const MemoryNeed need{
      .saved_bytes = 7'000'000'000, .view_bytes = 1'000'000'000, .buffer_bytes = 1'000'000'000};
  EXPECT_EQ(*CheckMemory(need, 64, 10'000'000'000, "search"),
            "search needs about 9.0 GB at batch 64, 10.0 GB are free");
  const absl::Status status = CheckMemory(need, 64, 5'000'000'000, "search").status();
  EXPECT_EQ(ExitCode(status), 5);
  // 4 of 8 GB are left for what grows with the batch: steps and views made ahead.
  EXPECT_THAT(std::string(status.message()), HasSubstr("fit: --set search.batch=32."));
  EXPECT_THAT(std::string(CheckMemory(need, 64, 1'000'000'000, "pretrain").status().message()),
              HasSubstr("Not even a batch of 1 would fit. To need less: --set "
                        "pretrain.network.channels=N, --set pretrain.network.cells=N or, for own "
                        "images, --image_size=N."));
}

TEST(CheckMemoryTest, ImagesOfAMappedFileRefuseNothingButAreTold) {
  const MemoryNeed need{.saved_bytes = 1'000'000'000, .mapped_bytes = 5'500'000'000};
  EXPECT_EQ(*CheckMemory(need, 32, 7'000'000'000, "search"),
            "search needs about 1.0 GB at batch 32, 7.0 GB are free");
  EXPECT_EQ(*CheckMemory(need, 32, 4'000'000'000, "search"),
            "search needs about 1.0 GB at batch 32, 4.0 GB are free; what does not fit of the 5.5 "
            "GB of images is read from the disk again in each epoch");
}

}  // namespace
}  // namespace ssnas
