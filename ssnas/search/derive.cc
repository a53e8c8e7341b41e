#include "ssnas/search/derive.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

constexpr int kMaxNodes = 64;  // of a genotype
constexpr char kNone[] = "none";
constexpr double kInitialScale = 1e-3;  // DARTS: 1e-3 · randn

// Columns of the candidates that a derived cell may hold.
absl::StatusOr<std::vector<int>> Choosable(const SearchSpace& space) {
  if (space.nodes() < 1 || space.nodes() > kMaxNodes || space.edges_per_node() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a space of ", space.nodes(), " nodes with ", space.edges_per_node(),
                     " edges a node: nodes are 1 to ", kMaxNodes, ", edges 1 or more"));
  }
  std::vector<int> columns;
  for (int k = 0; k < space.candidate_size(); ++k) {
    if (space.candidate(k).name() != kNone) columns.push_back(k);
  }
  if (columns.empty()) {
    return absl::InvalidArgumentError("space.candidate holds no operation other than 'none'");
  }
  return columns;
}

// The strongest candidate of an edge, the first of equals, and its softmax weight.
struct Choice {
  int from = 0;
  int candidate = 0;
  double strength = 0;
};

Choice Strongest(const float* logits, int count, const std::vector<int>& choosable, int from) {
  const double largest = *std::max_element(logits, logits + count);
  std::vector<double> terms;
  for (int k = 0; k < count; ++k) terms.push_back(std::exp(logits[k] - largest));
  // Ascending, so that edges whose logits are the same in another order are equally strong to the
  // last bit.
  std::sort(terms.begin(), terms.end());
  const double sum = std::accumulate(terms.begin(), terms.end(), 0.0);
  Choice choice{.from = from, .candidate = choosable[0], .strength = -1};
  for (const int k : choosable) {
    const double weight = std::exp(logits[k] - largest) / sum;
    if (weight > choice.strength) choice = {from, k, weight};
  }
  return choice;
}

void AddEdge(const SearchSpace& space, int from, int to, int candidate, CellGenotype* cell) {
  Edge* edge = cell->add_edge();
  edge->set_from(from);
  edge->set_to(to);
  *edge->mutable_operation() = space.candidate(candidate);
}

void AddConcat(const SearchSpace& space, CellGenotype* cell) {
  for (int node = 0; node < space.nodes(); ++node) cell->add_concat(node + 2);
}

void DeriveCell(const SearchSpace& space, const float* alphas, const std::vector<int>& choosable,
                CellGenotype* cell) {
  const int candidates = space.candidate_size();
  for (int node = 2; node < space.nodes() + 2; ++node) {
    std::vector<Choice> choices;
    for (int from = 0; from < node; ++from, alphas += candidates) {
      choices.push_back(Strongest(alphas, candidates, choosable, from));
    }
    // Stable: of equally strong edges the one from the lower state comes first.
    std::stable_sort(choices.begin(), choices.end(),
                     [](const Choice& a, const Choice& b) { return a.strength > b.strength; });
    choices.resize(std::min<size_t>(choices.size(), space.edges_per_node()));
    for (const Choice& choice : choices) AddEdge(space, choice.from, node, choice.candidate, cell);
  }
  AddConcat(space, cell);
}

}  // namespace

int EdgeCount(int nodes) { return nodes * (nodes + 3) / 2; }

absl::StatusOr<Architecture> DeriveArchitecture(const SearchSpace& space,
                                                absl::Span<const float> alphas) {
  const absl::StatusOr<std::vector<int>> choosable = Choosable(space);
  if (!choosable.ok()) return choosable.status();
  const size_t half = static_cast<size_t>(EdgeCount(space.nodes())) * space.candidate_size();
  if (alphas.size() != 2 * half) {
    return absl::InvalidArgumentError(
        absl::StrCat("the space has ", 2 * half, " alphas, not ", alphas.size()));
  }
  if (!std::all_of(alphas.begin(), alphas.end(), [](float a) { return std::isfinite(a); })) {
    return absl::InvalidArgumentError("an alpha is not finite");
  }
  Architecture architecture;
  DeriveCell(space, alphas.data(), *choosable, architecture.mutable_normal());
  DeriveCell(space, alphas.data() + half, *choosable, architecture.mutable_reduction());
  return architecture;
}

absl::StatusOr<Architecture> RandomArchitecture(const SearchSpace& space, uint64_t seed,
                                                uint64_t index) {
  const absl::StatusOr<std::vector<int>> choosable = Choosable(space);
  if (!choosable.ok()) return choosable.status();
  Philox random({.seed = seed, .purpose = Purpose::kRandomCell, .sample = index});
  Architecture architecture;
  for (CellGenotype* cell : {architecture.mutable_normal(), architecture.mutable_reduction()}) {
    for (int node = 2; node < space.nodes() + 2; ++node) {
      std::vector<int64_t> from = random.Permutation(node);
      from.resize(std::min<size_t>(from.size(), space.edges_per_node()));
      std::sort(from.begin(), from.end());
      for (const int64_t state : from) {
        AddEdge(space, static_cast<int>(state), node, (*choosable)[random.Below(choosable->size())],
                cell);
      }
    }
    AddConcat(space, cell);
  }
  return architecture;
}

std::vector<float> InitialAlphas(const SearchSpace& space, uint64_t seed) {
  const int rows = 2 * EdgeCount(space.nodes());
  std::vector<float> alphas;
  for (int row = 0; row < rows; ++row) {
    Philox random(
        {.seed = seed, .purpose = Purpose::kInitialAlphas, .sample = static_cast<uint64_t>(row)});
    for (int k = 0; k < space.candidate_size(); ++k) {
      alphas.push_back(static_cast<float>(kInitialScale * random.Normal()));
    }
  }
  return alphas;
}

}  // namespace ssnas
