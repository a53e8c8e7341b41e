// Specs with random damage: whatever the bytes, the answer is a spec or a Status, never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

constexpr char kSpec[] = R"(# a comment
name: "tiny"  seed: 0x10
dataset { name: "pictures" config { folder: 'a\tb' } }
objective {
  name: "contrast"
  config {
    [type.googleapis.com/ssnas.TestLossConfig] { temperature: 0.1 inner { name: "nothing" } }
  }
}
augmentation: [{ name: "flip" },
  { name: "wobble" config { mean: [-3, 1.5e0] weight { key: "×" value: 1 } } }]
space { candidate { name: "none" } candidate { name: "conv_3x3" config { kernel: 5 } } nodes: 2 }
search { epochs: 3 seeds: [1, 2] weights < momentum: 0.5; schedule: STEP > }
pretrain { validation_images: 10 }
)";

constexpr const char* kPieces[] = {"{",
                                   "}",
                                   "[",
                                   "]",
                                   "<",
                                   ">",
                                   ":",
                                   ",",
                                   "\"",
                                   "'",
                                   "\\",
                                   "#",
                                   "-",
                                   "\n",
                                   "1e9999",
                                   "inf",
                                   "[]",
                                   "[1]",
                                   "{}",
                                   "name",
                                   "config",
                                   "type_url",
                                   "\xff",
                                   "\x7f",
                                   "×",
                                   "search",
                                   "1",
                                   "9999999999999999999999",
                                   "nan",
                                   "true",
                                   "\xEF\xBB\xBF",
                                   "[type.googleapis.com/ssnas.ExperimentSpec] {"};

// xorshift64*: the same damage in every run.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  size_t Below(size_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<size_t>((state_ * 2685821657736338717u) >> 33) % bound;
  }

 private:
  uint64_t state_;
};

void Damage(Random& random, std::string* text) {
  const size_t at = random.Below(text->size() + 1);
  const size_t length = random.Below(1 + std::min<size_t>(text->size() - at, 40));
  switch (random.Below(6)) {
    case 0:
      text->erase(at, length);
      break;
    case 1:
      text->insert(at, kPieces[random.Below(std::size(kPieces))]);
      break;
    case 2:
      text->replace(at, length, kPieces[random.Below(std::size(kPieces))]);
      break;
    case 3:
      if (at < text->size()) (*text)[at] = static_cast<char>(random.Below(256));
      break;
    case 4:
      text->insert(random.Below(text->size() + 1), text->substr(at, length));
      break;
    case 5:
      text->resize(at);
      break;
  }
}

// The promise: a spec that resolves and prints, or an InvalidArgument of the user's that names its
// place.
bool KeepsThePromise(const absl::StatusOr<ExperimentSpec>& spec, absl::string_view place) {
  if (!spec.ok()) {
    return spec.status().code() == absl::StatusCode::kInvalidArgument &&
           ExitCode(spec.status()) == 2 && absl::StartsWith(spec.status().message(), place);
  }
  const absl::StatusOr<ExperimentSpec> resolved = ResolveSpec(*spec);
  if (!resolved.ok()) return false;
  const std::string text = PrintSpec(*resolved, false);
  const absl::StatusOr<ExperimentSpec> again = LoadSpec(text, "printed", {});
  return again.ok() && PrintSpec(*ResolveSpec(*again), false) == text;
}

TEST(MutationTest, TenThousandDamagedSpecs) {
  Random random(1);
  int taken = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text = kSpec;
    for (size_t k = 1 + random.Below(4); k > 0; --k) Damage(random, &text);
    const absl::StatusOr<ExperimentSpec> spec = LoadSpec(text, "mutant", {});
    taken += spec.ok();
    ASSERT_TRUE(KeepsThePromise(spec, "mutant:")) << spec.status() << "\n" << text;
  }
  // Some damage does no harm (comments, strings, numbers): else only the parser's first lines were
  // tried.
  EXPECT_GT(taken, 100);
  EXPECT_LT(taken, 9000);
}

TEST(MutationTest, TenThousandDamagedSets) {
  constexpr const char* kSets[] = {"search.epochs=10", "augmentation[wobble].config.mean=[1, 2]",
                                   "space.candidate[1].config.kernel=3", "-search.seeds[0]",
                                   "objective={ name: \"contrast\" config { temperature: 1 } }"};
  Random random(2);
  int taken = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string set = kSets[random.Below(std::size(kSets))];
    for (size_t k = 1 + random.Below(2); k > 0; --k) Damage(random, &set);
    const absl::StatusOr<ExperimentSpec> spec = LoadSpec(kSpec, "file", {set});
    taken += spec.ok();
    // What a set takes away may be missed in the file.
    ASSERT_TRUE(KeepsThePromise(spec, "--set ") || KeepsThePromise(spec, "file:"))
        << spec.status() << "\n"
        << set;
  }
  EXPECT_GT(taken, 100);
  EXPECT_LT(taken, 9000);
}

// The widest and deepest that the size allows must be refused or read in a moment.
TEST(MutationTest, LargeSpecsAreNoBomb) {
  const auto repeated = [](const std::string& piece) {
    std::string text;
    while (text.size() + piece.size() < (1 << 20)) text += piece;
    return text;
  };
  for (const char* piece :
       {"{", "a{", "a:[", "a:1 ", "a{}", "search{}", "[a]{", "\"", "a:\"\"", "#", "\n", "a", "1",
        "[", "augmentation{name:\"flip\"}", "search{seeds:1 seeds:2}"}) {
    EXPECT_TRUE(KeepsThePromise(LoadSpec(repeated(piece), "large", {}), "large:")) << piece;
  }
  const std::string long_list =
      absl::StrCat("name: \"x\" search { seeds: [1", repeated(",1").substr(0, 1000000), "] }");
  EXPECT_TRUE(KeepsThePromise(LoadSpec(long_list, "large", {}), "large:"));
}

}  // namespace
}  // namespace ssnas
