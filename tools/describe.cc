// describe --genotype=FILE | --supernet: layers, shapes, parameters and multiply-adds of a network,
// its cells as text.
//
// The first line that says "parameters: N" counts weights alone: classifier included, no alphas, no
// auxiliary head. Exit codes as everywhere: 0 done, 2 what the user wrote is wrong.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/counting.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"

DEFINE_string(genotype, "", "File with a genotype: textproto, or the text of quark0/darts.");
DEFINE_bool(supernet, false, "The supernet of the eight candidates of DARTS instead.");
DEFINE_int32(init_channels, 36, "Channels of the first cell (16 for --supernet).");
DEFINE_int32(cells, 20, "Cells (8 for --supernet).");
DEFINE_int32(num_classes, 10, "Classes of the classifier.");
DEFINE_int32(image_size, 32, "Height and width of the images, of three channels.");
DEFINE_string(stem, "auto",
              "First layers: cifar, imagenet, or auto (imagenet from 128 pixels on).");

namespace ssnas {
namespace {

constexpr char kHelp[] = R"(describe: what a network is made of, counted from its plan.

  describe --genotype=FILE [flags]     the network of a cell (textproto or quark0/darts' text)
  describe --supernet [flags]          the supernet of a search over DARTS' eight operations

  --init_channels=N    channels of the first cell (default 36; supernet 16)
  --cells=N            cells (default 20; supernet 8)
  --num_classes=N      classes of the classifier (default 10)
  --image_size=N       height and width of the images (default 32)
  --stem=cifar|imagenet|auto    auto: imagenet's from 128 pixels on

Example
  describe --genotype=runs/smoke/architecture.textproto --init_channels=48 --cells=14
           --num_classes=1000 --image_size=224
)";

const std::vector<std::string>& FlagNames() {
  static const auto* const names =
      new std::vector<std::string>{"genotype",    "supernet",   "init_channels", "cells",
                                   "num_classes", "image_size", "stem",          "help"};
  return *names;
}

absl::Status UserError(const std::string& message) {
  return InArea(ErrorArea::kUser, absl::InvalidArgumentError(message));
}

// gflags would end the program with a code of its own: unknown flags and bad numbers are found
// first.
absl::Status CheckArguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--")) {
      return UserError(absl::StrCat("'", argv[i], "' is not a flag of the form --name=value"));
    }
    const std::string name(argument.substr(0, argument.find('=')));
    const std::vector<std::string>& names = FlagNames();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string nearest = NearestName(name, names);
      return UserError(absl::StrCat(
          "no flag --", name,
          nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?"), " See --help."));
    }
    if (name == "supernet" || name == "help") continue;
    if (name.size() == argument.size())
      return UserError(absl::StrCat("--", name, " needs a value: --", name, "=…"));
    const std::string value(argument.substr(name.size() + 1));
    if (name != "genotype" && name != "stem" &&
        gflags::SetCommandLineOption(name.c_str(), value.c_str()).empty()) {
      return UserError(absl::StrCat("--", name, "=", value, ": expected a whole number"));
    }
  }
  return absl::OkStatus();
}

SearchSpace DartsSpace() {
  SearchSpace space;
  for (const char* name : {"none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3",
                           "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"}) {
    space.add_candidate()->set_name(name);
  }
  return space;
}

bool IsDefault(const char* flag) { return gflags::GetCommandLineFlagInfoOrDie(flag).is_default; }

absl::StatusOr<NetworkSpec::Stem> StemOf(const std::string& name) {
  if (name == "auto") return NetworkSpec::AUTO;
  if (name == "cifar") return NetworkSpec::CIFAR;
  if (name == "imagenet") return NetworkSpec::IMAGENET;
  return UserError(absl::StrCat("--stem=", name, ": expected cifar, imagenet or auto"));
}

void PrintWork(const NetworkWork& work, const std::string& facts) {
  std::printf("%-12s %-16s %12s %16s\n", "block", "output", "parameters", "multiply-adds");
  for (const BlockWork& block : work.blocks) {
    std::printf("%-12s %-16s %12s %16s\n", block.name.c_str(),
                absl::StrCat(block.output.h, "x", block.output.w, "x", block.output.c).c_str(),
                absl::StrCat(block.parameters).c_str(), absl::StrCat(block.multiply_adds).c_str());
  }
  std::printf("\nparameters: %s\nmultiply-adds: %s (convolutions and classifier, one image)\n%s\n",
              absl::StrCat(work.parameters).c_str(), absl::StrCat(work.multiply_adds).c_str(),
              facts.c_str());
}

absl::Status DescribeSupernet() {
  const int channels = IsDefault("init_channels") ? 16 : FLAGS_init_channels;
  const int cells = IsDefault("cells") ? 8 : FLAGS_cells;
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, PlanSupernet(DartsSpace(), cells, channels, 3));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work,
                         CountWork(plan, FLAGS_image_size, 3, FLAGS_num_classes));
  PrintWork(work,
            absl::StrFormat("supernet of %d cells, %d channels; %d alphas (not counted above)",
                            cells, channels, work.alphas));
  return absl::OkStatus();
}

absl::Status DescribeDerived() {
  SSNAS_ASSIGN_OR_RETURN(const std::string text,
                         ReadFile(UserPath(FLAGS_genotype), /*max_bytes=*/1 << 20));
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ParseArchitecture(text, FLAGS_genotype));
  SSNAS_ASSIGN_OR_RETURN(const NetworkSpec::Stem stem, StemOf(FLAGS_stem));
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, PlanDerived(cell, {.cells = FLAGS_cells,
                                                                    .channels = FLAGS_init_channels,
                                                                    .image_size = FLAGS_image_size,
                                                                    .stem = stem}));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work,
                         CountWork(plan, FLAGS_image_size, 3, FLAGS_num_classes));
  std::printf("%s%s\n", DrawCell(cell.normal(), "normal cell   ").c_str(),
              DrawCell(cell.reduction(), "reduction cell").c_str());
  PrintWork(work, absl::StrFormat("%d cells, %d channels, %dx%d images, %d classes", FLAGS_cells,
                                  FLAGS_init_channels, FLAGS_image_size, FLAGS_image_size,
                                  FLAGS_num_classes));
  return absl::OkStatus();
}

absl::Status Describe(int argc, char** argv) {
  SSNAS_RETURN_IF_ERROR(CheckArguments(argc, argv));
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (FLAGS_supernet == !FLAGS_genotype.empty()) {
    return UserError("say either --genotype=FILE or --supernet. See --help.");
  }
  return FLAGS_supernet ? DescribeSupernet() : DescribeDerived();
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (absl::StartsWith(argv[i], "--help")) {
      std::fputs(ssnas::kHelp, stdout);
      return 0;
    }
  }
  const absl::Status status = ssnas::InArea(ssnas::ErrorArea::kUser, ssnas::Describe(argc, argv));
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ssnas::ExitCode(status);
}
