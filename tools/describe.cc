// describe: a genotype or the supernet in text, with its layers and what they cost.
#include "ssnas/networks/describe.h"

#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"

DEFINE_string(genotype, "", "file with a genotype: textproto, or the text of quark0/darts");
DEFINE_bool(supernet, false, "the supernet of DARTS' search space");
DEFINE_int32(init_channels, 36, "channels of the first cell; of the supernet 16");
DEFINE_int32(cells, 20, "cells; of the supernet 8");
DEFINE_int32(num_classes, 10, "classes; 0: no classifier");
DEFINE_int32(image_size, 32, "side of the images");
DEFINE_string(stem, "auto", "cifar, imagenet or auto");

namespace ssnas {
namespace {

constexpr char kHelp[] =
    R"(Describes a network: its cell drawn, its layers, parameters, multiply-adds.

  describe --genotype=FILE [flags]   the network of a genotype (textproto, or quark0/darts' text)
  describe --supernet [flags]        the supernet of a search

  --init_channels=N    channels of the first cell (default 36, supernet 16)
  --cells=N            cells (default 20, supernet 8)
  --num_classes=N      classes (default 10; 0: no classifier)
  --image_size=N       side of the images (default 32)
  --stem=NAME          cifar, imagenet or auto (default; imagenet from 128 pixels on); no supernet's

Parameters are weights alone: no alphas, no auxiliary head. FILE is relative to where you stand.

Examples
  describe --genotype=runs/smoke/architecture.textproto
  describe --genotype=darts_v2.txt --init_channels=48 --cells=14 --image_size=224 --num_classes=1000
  describe --supernet

Exit codes: 0 done, 2 what you wrote is wrong.
)";

absl::Status UserError(const std::string& message) {
  return InArea(ErrorArea::kUser, absl::InvalidArgumentError(message));
}

// Ours; gflags has some of its own.
std::vector<std::string> FlagNames() {
  std::vector<gflags::CommandLineFlagInfo> flags;
  gflags::GetAllFlags(&flags);
  std::vector<std::string> names;
  for (const gflags::CommandLineFlagInfo& flag : flags) {
    if (flag.filename == __FILE__) names.push_back(flag.name);
  }
  return names;
}

// --name=value, --name value, or --supernet. gflags' own parser would end the program.
absl::Status SetFlags(const std::vector<std::string>& arguments) {
  const std::vector<std::string> names = FlagNames();
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view rest = arguments[i];
    if (!absl::ConsumePrefix(&rest, "--")) {
      return UserError(
          absl::StrCat("'", arguments[i], "' is not a flag; flags start with --. See --help."));
    }
    const std::string name(rest.substr(0, rest.find('=')));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string nearest = NearestName(name, names);
      return UserError(
          absl::StrCat("no flag --", name,
                       nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?"),
                       " Flags: --", absl::StrJoin(names, ", --"), "."));
    }
    std::string value = "true";
    if (name.size() < rest.size()) {
      value = std::string(rest.substr(name.size() + 1));
    } else if (name != "supernet") {
      if (++i == arguments.size())
        return UserError(absl::StrCat("--", name, " needs a value: --", name, "=…"));
      value = arguments[i];
    }
    if (gflags::SetCommandLineOption(name.c_str(), value.c_str()).empty()) {
      const bool boolean = name == "supernet";
      return UserError(absl::StrCat("--", name, "=", value, ": expected ",
                                    boolean ? "true or false" : "a whole number"));
    }
  }
  return absl::OkStatus();
}

bool IsGiven(const char* name) { return !gflags::GetCommandLineFlagInfoOrDie(name).is_default; }

absl::StatusOr<NetworkSpec::Stem> StemFlag() {
  if (FLAGS_stem == "auto") return NetworkSpec::AUTO;
  if (FLAGS_stem == "cifar") return NetworkSpec::CIFAR;
  if (FLAGS_stem == "imagenet") return NetworkSpec::IMAGENET;
  return UserError(absl::StrCat("--stem=", FLAGS_stem, ": expected cifar, imagenet or auto"));
}

absl::StatusOr<std::string> Describe() {
  DescribeOptions options{.cells = FLAGS_cells,
                          .channels = FLAGS_init_channels,
                          .num_classes = FLAGS_num_classes,
                          .image_size = FLAGS_image_size};
  SSNAS_ASSIGN_OR_RETURN(options.stem, StemFlag());
  if (FLAGS_supernet == !FLAGS_genotype.empty()) {
    return UserError("give one of --genotype=FILE and --supernet. See --help.");
  }
  if (FLAGS_supernet) {
    if (IsGiven("stem")) return UserError("--supernet has one stem: leave --stem out");
    if (!IsGiven("cells")) options.cells = 8;
    if (!IsGiven("init_channels")) options.channels = 16;
    return DescribeSupernet(DartsSpace(), options);
  }
  SSNAS_ASSIGN_OR_RETURN(const std::string text,
                         ReadFile(UserPath(FLAGS_genotype), /*max_bytes=*/1 << 20));
  SSNAS_ASSIGN_OR_RETURN(const Architecture architecture, ParseArchitecture(text, FLAGS_genotype));
  return DescribeDerived(architecture, options);
}

int Main(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument != "--help" && argument != "-help" && argument != "-h") continue;
    std::fputs(kHelp, stdout);
    return 0;
  }
  absl::Status status = SetFlags(arguments);
  if (status.ok()) {
    const absl::StatusOr<std::string> text = Describe();
    if (text.ok()) {
      const bool written = std::fputs(text->c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
      return written ? 0 : 1;
    }
    status = text.status();
  }
  status = InArea(ErrorArea::kUser, status);
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ExitCode(status);
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) { return ssnas::Main({argv + 1, argv + argc}); }
