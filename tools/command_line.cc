#include "tools/command_line.h"

#include <gflags/gflags.h>

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"

DEFINE_string(spec, "", "Experiment, a textproto file.");
DEFINE_string(output_dir, "", "Run folder; default runs/<name>.");
DEFINE_string(data_dir, "", "Folder of a data set that is not built in.");
DEFINE_string(images, "", "Folder of images: another name of --data_dir.");
DEFINE_string(image_size, "", "Size of the user's own images: that of data set and random crop.");
DEFINE_string(budget, "", "Minutes for search and pretraining; 10 with --images, else none.");
DEFINE_string(seed, "", "Root of all randomness: short for --set seed=N.");
DEFINE_string(threads, "", "Threads of the step: short for --set runtime.threads=N.");
DEFINE_string(until, "evaluate", "Last kind of stage: search, pretrain or evaluate (all).");
DEFINE_string(list_plugins, "-", "Lists plugins: all, of a kind, or one of them.");
DEFINE_bool(overwrite, false, "Deletes the run that is in the run folder first.");
DEFINE_bool(print_spec, false, "Prints the resolved spec with every default, and ends.");

namespace ssnas {
namespace {

constexpr double kOwnImagesMinutes = 10;
constexpr double kMostMinutes = 1e6;

const std::vector<std::string>& FlagNames() {
  static const auto* const names = new std::vector<std::string>{
      "spec",    "output_dir", "data_dir", "images",       "image_size", "budget",     "seed",
      "threads", "until",      "set",      "list_plugins", "overwrite",  "print_spec", "help"};
  return *names;
}

absl::Status UserError(std::string message) {
  return InArea(ErrorArea::kUser, absl::InvalidArgumentError(message));
}

// gflags ends the program at an unknown flag and keeps only the last of repeated ones; so unknown
// ones are found first, and --set is taken out.
absl::StatusOr<std::vector<std::string>> TakeSets(const std::vector<std::string>& arguments,
                                                  CommandLine* line) {
  std::vector<std::string> rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (argument == "-h" || argument == "--help" || argument == "-help") {
      line->help = true;
      continue;
    }
    if (!absl::ConsumePrefix(&argument, "--")) {
      return UserError(
          absl::StrCat("'", arguments[i], "' is not a flag; flags start with --. See --help."));
    }
    const std::string name(argument.substr(0, argument.find('=')));
    const bool has_value = name.size() < argument.size();
    const std::string positive(absl::StripPrefix(name, "no"));
    const auto known = [](const std::string& n) {
      return std::find(FlagNames().begin(), FlagNames().end(), n) != FlagNames().end();
    };
    if (!known(name) && !known(positive)) {
      const std::string nearest = NearestName(name, FlagNames());
      return UserError(absl::StrCat("no flag --", name, nearest.empty() ? "" : "; did you mean --",
                                    nearest, "? Flags: --", absl::StrJoin(FlagNames(), ", --"),
                                    "."));
    }
    if (name == "list_plugins" && !has_value) {
      rest.push_back("--list_plugins=");
    } else if (name == "overwrite" || name == "print_spec" || name != "set") {
      rest.push_back(arguments[i]);
      const bool boolean = name == "overwrite" || name == "print_spec" || name != positive;
      if (!boolean && !has_value) {
        if (++i == arguments.size())
          return UserError(absl::StrCat("--", name, " needs a value: --", name, "=…"));
        rest.back() = absl::StrCat(rest.back(), "=", arguments[i]);
      }
    } else if (has_value) {
      line->sets.push_back(std::string(argument.substr(name.size() + 1)));
    } else if (i + 1 < arguments.size()) {
      line->sets.push_back(arguments[++i]);
    } else {
      return UserError("--set needs a value: --set path.to.field=value");
    }
  }
  return rest;
}

// The budget in minutes: as given; else 10 for own images, unless --set says how long to train.
absl::StatusOr<double> Budget(const std::vector<std::string>& sets) {
  if (FLAGS_budget.empty()) {
    const bool counted = std::any_of(sets.begin(), sets.end(), [](const std::string& set) {
      const absl::string_view path = absl::string_view(set).substr(0, set.find('='));
      return absl::EndsWith(path, ".epochs") || absl::EndsWith(path, ".steps_per_epoch");
    });
    return FLAGS_images.empty() || counted ? 0 : kOwnImagesMinutes;
  }
  double minutes = 0;
  if (!absl::SimpleAtod(FLAGS_budget, &minutes) || !(minutes >= 0 && minutes <= kMostMinutes)) {
    return UserError(absl::StrCat("--budget=", FLAGS_budget,
                                  ": expected minutes, such as 10 or 0.5; 0: as many epochs as the "
                                  "spec says"));
  }
  return minutes;
}

// As a shell reads it back.
std::string InShell(const std::string& text) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/._-+:@", c);
  };
  if (std::all_of(text.begin(), text.end(), plain)) return text;
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, char** argv) {
  CommandLine line;
  const char* example = std::getenv("SSNAS_EXAMPLE_COMMAND");
  line.example = example != nullptr ? example : argv[0];
  absl::StatusOr<std::vector<std::string>> rest =
      TakeSets(std::vector<std::string>(argv + 1, argv + argc), &line);
  if (!rest.ok()) return rest.status();
  std::vector<char*> pointers = {argv[0]};
  for (std::string& argument : *rest) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  char** arguments = pointers.data();
  gflags::AllowCommandLineReparsing();
  gflags::ParseCommandLineFlags(&count, &arguments, /*remove_flags=*/true);

  line.spec = FLAGS_spec;
  line.output_dir = FLAGS_output_dir;
  line.data_dir = FLAGS_data_dir;
  if (!FLAGS_images.empty()) {
    if (!line.data_dir.empty())
      return UserError("--images and --data_dir are one; give one of them");
    line.data_dir = FLAGS_images;
  }
  if (!line.data_dir.empty()) {
    absl::StrAppend(&line.example,
                    FLAGS_images.empty() ? " --data_dir=" : " --images=", InShell(line.data_dir));
  }
  SSNAS_ASSIGN_OR_RETURN(line.budget_minutes, Budget(line.sets));
  line.overwrite = FLAGS_overwrite;
  line.print_spec = FLAGS_print_spec;
  if (FLAGS_list_plugins != "-") line.list_plugins = FLAGS_list_plugins;
  if (!FLAGS_seed.empty()) {
    uint64_t seed = 0;
    if (!absl::SimpleAtoi(FLAGS_seed, &seed)) {
      return UserError(absl::StrCat("--seed=", FLAGS_seed, ": expected a whole number from 0 on"));
    }
    line.seed = seed;
    line.sets.push_back(absl::StrCat("seed=", seed));
  }
  if (!FLAGS_image_size.empty()) {
    line.sets.push_back(absl::StrCat("dataset.config.image_size=", FLAGS_image_size));
    line.sets.push_back(
        absl::StrCat("augmentation[random_resized_crop].config.size=", FLAGS_image_size));
  }
  if (!FLAGS_threads.empty()) line.sets.push_back(absl::StrCat("runtime.threads=", FLAGS_threads));
  if (FLAGS_until == "search") {
    line.until = StageKind::kRandom;
  } else if (FLAGS_until == "pretrain") {
    line.until = StageKind::kProbe;
  } else if (FLAGS_until != "evaluate") {
    return UserError(
        absl::StrCat("--until=", FLAGS_until, ": expected search, pretrain or evaluate"));
  }
  return line;
}

std::string HelpText() {
  return R"(SSNAS: finds neural networks without labels.

  ssnas --spec=FILE [flags]          runs an experiment; an interrupted one goes on where it was

  --output_dir=DIR                   the run folder (default runs/<name>), if it holds no other run
  --set path.to.field=value          changes the spec; may be repeated, reaches into plugin configs
  --seed=N  --threads=N              short for --set seed=N, --set runtime.threads=N
  --data_dir=DIR                     where a data set that is not built in lies
  --images=DIR  --image_size=N       own images (JPEG, PNG), and the size that they are brought to
  --budget=MINUTES                   for search and pretraining: steps are timed and counted once
                                     (own images: 10; 0: as many epochs as the spec says)
  --overwrite                        deletes the run in the run folder and starts over
  --until=search|pretrain|evaluate   last kind of stage (default: all)
  --print_spec                       prints the spec with every default, and ends
  --list_plugins[=KIND|NAME]         what a spec can name

Examples
  ssnas --spec=experiments/smoke.textproto --output_dir=/tmp/smoke
  ssnas --spec=experiments/fashion_mnist_ssnas.textproto --set search.epochs=30 --seed=2
  ssnas --list_plugins=nt_xent

Exit codes: 0 done, 2 what you wrote is wrong, 3 data, 4 checkpoint or run folder, 5 memory or disk,
6 the computation went wrong (not finite), 130/143 stopped and resumable.
)";
}

}  // namespace ssnas
