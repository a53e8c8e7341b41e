// Damaged genotypes: every truncation and thousands of changed bytes give a cell that can be built,
// or an error.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/philox.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {
namespace {

constexpr int kChanges = 3000;

struct Tally {
  int cells = 0, errors = 0;
};

void Try(const std::string& text, Tally* tally) {
  const auto cell = ParseArchitecture(text, "damaged");
  if (!cell.ok()) {
    ++tally->errors;
    EXPECT_EQ(cell.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(cell.status().message().empty());
    return;
  }
  ++tally->cells;
  EXPECT_TRUE(CheckCell(cell->normal()).ok());
  const std::string printed = PrintArchitecture(*cell);
  const auto again = ParseArchitecture(printed, "printed");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(PrintArchitecture(*again), printed);
  // Either may be refused (an operation that needs more channels, say); neither may end the
  // program.
  PlanDerived(*cell, {.cells = 3, .channels = 2, .image_size = 8}).status().IgnoreError();
  PrintDartsGenotype(*cell).status().IgnoreError();
  DrawCell(cell->reduction(), "reduction cell");
}

// One to three bytes replaced, removed or doubled.
std::string Changed(std::string text, uint64_t change) {
  Philox random({.seed = 1, .purpose = Purpose::kTest, .sample = change});
  const uint64_t bytes = 1 + random.Below(3);
  for (uint64_t i = 0; i < bytes && !text.empty(); ++i) {
    const size_t at = random.Below(text.size());
    switch (random.Below(4)) {
      case 0:
        text[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        text[at] = text[random.Below(text.size())];
        break;
      case 2:
        text.erase(at, 1 + random.Below(20));
        break;
      default:
        text.insert(at, text.substr(random.Below(text.size()), 1 + random.Below(20)));
    }
  }
  return text;
}

class DamagedGenotypeTest : public ::testing::TestWithParam<const char*> {};

TEST_P(DamagedGenotypeTest, NeverCrashes) {
  const auto text = ReadFile(std::string("ssnas/networks/testdata/") + GetParam(), 1 << 20);
  ASSERT_TRUE(text.ok()) << text.status();
  Tally truncated, changed;
  for (size_t length = 0; length < text->size(); ++length) {
    Try(text->substr(0, length), &truncated);
  }
  for (int change = 0; change < kChanges; ++change) Try(Changed(*text, change), &changed);
  EXPECT_GT(truncated.errors, static_cast<int>(text->size()) / 2);
  EXPECT_GT(changed.errors, kChanges / 4);
  EXPECT_GT(changed.cells, 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, DamagedGenotypeTest,
                         ::testing::Values("darts_v1.txt", "p_darts.textproto"));

}  // namespace
}  // namespace ssnas
