#include "ssnas/search/derive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

// Columns of DartsSpace().
enum { kNone, kMaxPool, kAvgPool, kSkip, kSep3, kSep5, kDil3, kDil5 };
constexpr int kCandidates = 8;

// "sep_conv_3x3 1, skip_connect 0, …"
std::string Edges(const CellGenotype& cell) {
  std::string text;
  for (const Edge& edge : cell.edge()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", edge.operation().name(), " ", edge.from());
  }
  return text;
}

// Alphas of DARTS' space, all 0 to begin with.
class Alphas {
 public:
  float& At(int cell, int to, int from, int candidate) {
    return values_[((cell * 14) + EdgeCount(to - 2) + from) * kCandidates + candidate];
  }
  std::vector<float>& values() { return values_; }

 private:
  std::vector<float> values_ = std::vector<float>(224, 0.0f);
};

TEST(DeriveTest, KeepsTheTwoStrongestEdgesStrongestFirst) {
  Alphas alphas;
  alphas.At(0, 2, 0, kSep3) = 1;
  alphas.At(0, 2, 1, kSkip) = 2;
  alphas.At(0, 3, 2, kDil5) = 3;
  alphas.At(0, 3, 0, kMaxPool) = 1;
  alphas.At(0, 4, 1, kAvgPool) = 1;
  alphas.At(0, 4, 3, kSep5) = 0.5;
  alphas.At(0, 5, 4, kDil3) = 0.1f;
  alphas.At(0, 5, 2, kSkip) = 0.2f;
  alphas.At(1, 5, 4, kMaxPool) = 1;
  const auto cell = DeriveArchitecture(DartsSpace(), alphas.values());
  ASSERT_TRUE(cell.ok()) << cell.status();
  EXPECT_EQ(Edges(cell->normal()),
            "skip_connect 1, sep_conv_3x3 0, dil_conv_5x5 2, max_pool_3x3 0, avg_pool_3x3 1, "
            "sep_conv_5x5 3, skip_connect 2, dil_conv_3x3 4");
  // Equally strong: the lower state, the first operation.
  EXPECT_EQ(Edges(cell->reduction()),
            "max_pool_3x3 0, max_pool_3x3 1, max_pool_3x3 0, max_pool_3x3 1, max_pool_3x3 0, "
            "max_pool_3x3 1, max_pool_3x3 4, max_pool_3x3 0");
  EXPECT_EQ(CheckCell(cell->normal()).value(), 4);
  EXPECT_THAT(cell->normal().concat(), testing::ElementsAre(2, 3, 4, 5));
}

// An edge's strength is a softmax over all candidates: `none` is never chosen, but takes its share.
TEST(DeriveTest, NoneIsNeverChosenButWeakensItsEdge) {
  Alphas alphas;
  for (int from = 0; from < 5; ++from) {
    alphas.At(0, 5, from, kSep3) = 2;
    alphas.At(0, 5, from, kNone) = static_cast<float>(from == 3 ? 1 : from == 1 ? 2 : 10);
  }
  // A larger logit with a smaller share.
  alphas.At(0, 4, 0, kSep5) = 5;
  alphas.At(0, 4, 0, kNone) = 9;
  alphas.At(0, 4, 1, kDil3) = 1;
  alphas.At(0, 4, 2, kDil5) = 1.5;
  const auto cell = DeriveArchitecture(DartsSpace(), alphas.values());
  ASSERT_TRUE(cell.ok()) << cell.status();
  EXPECT_THAT(Edges(cell->normal()),
              HasSubstr("dil_conv_5x5 2, dil_conv_3x3 1, sep_conv_3x3 3, sep_conv_3x3 1"));
  for (float& alpha : alphas.values()) alpha = 0;
  for (int row = 0; row < 28; ++row) alphas.values()[row * kCandidates + kNone] = 50;
  const auto all_none = DeriveArchitecture(DartsSpace(), alphas.values());
  ASSERT_TRUE(all_none.ok()) << all_none.status();
  EXPECT_EQ(Edges(all_none->normal()).find("none"), std::string::npos);
  EXPECT_EQ(all_none->normal().edge_size(), 8);
}

// The same logits in another order are equally strong, whatever their sum rounds to.
TEST(DeriveTest, EqualLogitsInAnotherOrderAreATie) {
  const float logits[] = {0.1f, 0.7f, -0.3f, 0.2f, 0.11f, 0.5f, 0.33f, -2.1f};
  Alphas alphas;
  for (int from = 0; from < 5; ++from) {
    for (int k = 0; k < kCandidates; ++k) {
      // The largest stays away from `none`.
      const int turned = k < 2 ? k : 2 + (k - 2 + from) % 6;
      alphas.At(0, 5, from, turned) = logits[k];
    }
  }
  const auto cell = DeriveArchitecture(DartsSpace(), alphas.values());
  ASSERT_TRUE(cell.ok()) << cell.status();
  EXPECT_THAT(Edges(cell->normal()), testing::EndsWith("max_pool_3x3 0, max_pool_3x3 1"));
}

TEST(DeriveTest, AnyNumberOfNodesAndEdgesAndConfigsSurvive) {
  SearchSpace space;
  space.set_nodes(2);
  space.set_edges_per_node(3);
  space.add_candidate()->set_name("a");
  space.add_candidate()->set_name("none");
  space.mutable_candidate(0)->mutable_config()->set_type_url("type.googleapis.com/some.Config");
  space.mutable_candidate(0)->mutable_config()->set_value("bytes");
  ASSERT_EQ(EdgeCount(2), 5);
  const auto cell = DeriveArchitecture(space, std::vector<float>(20, 0.0f));
  ASSERT_TRUE(cell.ok()) << cell.status();
  // Node 2 has two states to read, node 3 three.
  EXPECT_EQ(Edges(cell->normal()), "a 0, a 1, a 0, a 1, a 2");
  EXPECT_EQ(cell->normal().edge(4).operation().config().value(), "bytes");
}

TEST(DeriveTest, RefusesWhatIsNoMatrixOfTheSpace) {
  const SearchSpace space = DartsSpace();
  EXPECT_EQ(DeriveArchitecture(space, std::vector<float>(223)).status().message(),
            "the space has 224 alphas, not 223");
  std::vector<float> alphas(224);
  alphas[100] = std::nanf("");
  EXPECT_EQ(DeriveArchitecture(space, alphas).status().message(), "an alpha is not finite");
  SearchSpace none;
  none.add_candidate()->set_name("none");
  EXPECT_EQ(DeriveArchitecture(none, std::vector<float>(28)).status().message(),
            "space.candidate holds no operation other than 'none'");
  EXPECT_EQ(RandomArchitecture(none, 1, 1).status().code(), absl::StatusCode::kInvalidArgument);
  SearchSpace no_nodes = space;
  no_nodes.set_nodes(0);
  EXPECT_EQ(DeriveArchitecture(no_nodes, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

// ∏ over the nodes of (states choose 2) · 7²: all different cells of one kind, and no other.
TEST(RandomArchitectureTest, DrawsFromAllCellsOfTheSpace) {
  const int64_t choices = kCandidates - 1;
  int64_t cells = 1;
  for (int states = 2; states < 6; ++states) {
    cells *= states * (states - 1) / 2 * choices * choices;
  }
  EXPECT_EQ(cells, 1'037'664'180);

  constexpr int kDraws = 6000;
  std::map<std::string, int> pairs;  // of node 3's predecessors
  std::map<std::string, int> operations;
  std::set<std::string> seen;
  for (int i = 0; i < kDraws; ++i) {
    const auto cell = RandomArchitecture(DartsSpace(), 5, i);
    ASSERT_TRUE(cell.ok()) << cell.status();
    const CellGenotype& normal = cell->normal();
    ASSERT_EQ(normal.edge_size(), 8);
    for (int e = 0; e < 8; e += 2) {
      EXPECT_EQ(normal.edge(e).to(), 2 + e / 2);
      EXPECT_LT(normal.edge(e).from(), normal.edge(e + 1).from());
    }
    ++pairs[absl::StrCat(normal.edge(2).from(), normal.edge(3).from())];
    ++operations[normal.edge(7).operation().name()];
    seen.insert(Edges(normal));
    EXPECT_NE(Edges(normal), Edges(cell->reduction()));
  }
  EXPECT_EQ(seen.size(), size_t{kDraws});
  // Each count is within five standard deviations of its mean.
  const auto is_near = [](double probability) {
    const double five = 5 * std::sqrt(kDraws * probability * (1 - probability));
    return AllOf(Ge(kDraws * probability - five), Le(kDraws * probability + five));
  };
  ASSERT_EQ(pairs.size(), 3u);
  for (const auto& [pair, count] : pairs) EXPECT_THAT(count, is_near(1.0 / 3)) << pair;
  ASSERT_EQ(operations.size(), 7u);
  EXPECT_EQ(operations.count("none"), 0u);
  for (const auto& [name, count] : operations) EXPECT_THAT(count, is_near(1.0 / 7)) << name;
}

TEST(RandomArchitectureTest, IsKeyedBySeedAndIndex) {
  const SearchSpace space = DartsSpace();
  const auto text = [&](uint64_t seed, uint64_t index) {
    return PrintArchitecture(RandomArchitecture(space, seed, index).value());
  };
  EXPECT_EQ(text(1, 2), text(1, 2));
  EXPECT_NE(text(1, 2), text(2, 1));
  EXPECT_NE(text(1, 2), text(1, 3));
}

TEST(InitialAlphasTest, AThousandthOfANormal) {
  const std::vector<float> alphas = InitialAlphas(DartsSpace(), 3);
  ASSERT_EQ(alphas.size(), 224u);
  EXPECT_EQ(CompareBits<float>(alphas, InitialAlphas(DartsSpace(), 3)), absl::OkStatus());
  EXPECT_NE(alphas, InitialAlphas(DartsSpace(), 4));
  double sum = 0, squares = 0;
  for (const float alpha : alphas) {
    sum += alpha;
    squares += double{alpha} * alpha;
  }
  // Five standard errors of 224 draws.
  const double error = 5 / std::sqrt(224.0);
  EXPECT_LT(std::abs(sum / 224), 1e-3 * error);
  EXPECT_LT(std::abs(std::sqrt(squares / 224) / 1e-3 - 1), error);
  std::vector<double> sizes(alphas.begin(), alphas.end());
  EXPECT_THAT(sizes, Each(AllOf(Ge(-5e-3), Le(5e-3))));
}

}  // namespace
}  // namespace ssnas
