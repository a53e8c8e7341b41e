#include "ssnas/training/testing/test_run.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

constexpr char kTinySpec[] = R"(
name: "tiny"
dataset { name: "synthetic" config { [type.googleapis.com/ssnas.SyntheticConfig] {
  size: 8 train_images: 64 test_images: 32 } } }
objective { name: "nt_xent" config { projection_size: 8 } }
augmentation { name: "flip" }
augmentation { name: "color_jitter" }
space {
  candidate { name: "none" }
  candidate { name: "skip_connect" }
  candidate { name: "sep_conv_3x3" }
  nodes: 2
}
search { cells: 2 channels: 4 batch: 4 epochs: 2 images: 24 checkpoint_steps: 2 }
random { samples: 1 }
pretrain { network { cells: 2 channels: 4 } batch: 4 epochs: 2 images: 16 validation_images: 8
           checkpoint_steps: 3 }
probe { images: 32 test_images: 32 epochs: 20 batch: 16 }
evaluate { network { cells: 3 channels: 4 auxiliary: 0.4 drop_path: 0.2 }
           batch: 8 epochs: 2 images: 32 checkpoint_steps: 3 }
runtime { threads: 1 }
)";

}  // namespace

ExperimentSpec TinySpec(const std::vector<std::string>& sets) {
  const absl::StatusOr<ExperimentSpec> spec = LoadSpec(kTinySpec, "tiny.textproto", sets);
  CHECK(spec.ok()) << spec.status();
  const absl::StatusOr<ExperimentSpec> resolved = ResolveSpec(*spec);
  CHECK(resolved.ok()) << resolved.status();
  return *resolved;
}

TestRun::TestRun(const std::string& name, ExperimentSpec spec) : spec_(std::move(spec)) {
  SetReferenceThreads(1);
  auto folder =
      RunFolder::Open(JoinPath(testing::TempDir(), name),
                      {.experiment = spec_.name(), .spec = "", .threads = 1, .cpu = "test"},
                      /*overwrite=*/false);
  CHECK(folder.ok()) << folder.status();
  folder_ = *std::move(folder);
  auto data = DataSource::Create(spec_.dataset(), {.data_dir = "", .seed = spec_.seed()});
  CHECK(data.ok()) << data.status();
  data_ = *std::move(data);
  engine_ = MakeReferenceEngine<float>();
  context_ = {.spec = &spec_,
              .folder = folder_.get(),
              .data = data_.get(),
              .engine = engine_.get(),
              .progress = {}};
}

std::string FileOf(const TestRun& run, const std::string& name) {
  return ReadFile(JoinPath(run.path(), name)).value_or("");
}

}  // namespace ssnas
