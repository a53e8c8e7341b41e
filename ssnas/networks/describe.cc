#include "ssnas/networks/describe.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/readable.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/counting.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

constexpr int64_t kImageChannels = 3;
constexpr size_t kTitle = 14;  // "reduction cell"

// Characters of UTF-8.
size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

std::string Spaces(size_t width, absl::string_view text) {
  return std::string(width - std::min(width, Width(text)), ' ');
}

std::string ShapeText(const Shape4& shape) {
  return absl::StrCat(shape.h, "×", shape.w, "×", shape.c);
}

// Lines of cells; the first two columns to the left, the others to the right.
std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string spaces = Spaces(widths[i], row[i]);
      absl::StrAppend(&text, i > 0 ? "   " : "", i < 2 ? row[i] : spaces, i < 2 ? spaces : row[i]);
    }
    text += '\n';
  }
  return text;
}

std::string Layers(const NetworkWork& work, const DescribeOptions& options) {
  std::vector<std::vector<std::string>> rows = {{"layer", "output", "parameters", "multiply-adds"}};
  // Stems come before the cells.
  int cell = options.cells - static_cast<int>(work.blocks.size());
  for (const BlockWork& block : work.blocks) {
    const bool reduction = cell >= 0 && IsReduction(cell, options.cells);
    ++cell;
    rows.push_back({absl::StrCat(block.name, reduction ? " (reduction)" : ""),
                    ShapeText(block.output), Grouped(block.parameters),
                    Grouped(block.multiply_adds)});
  }
  const int64_t h = work.representation_size;
  rows.push_back({"pooling", ShapeText({1, 1, 1, h}), "0", "0"});
  if (options.num_classes > 0) {
    rows.push_back({"classifier", absl::StrCat(options.num_classes),
                    Grouped(options.num_classes * (h + 1)), Grouped(options.num_classes * h)});
  }
  return Table(rows);
}

std::string Totals(const NetworkWork& work, const DescribeOptions& options) {
  const std::string size = absl::StrCat(options.image_size, "×", options.image_size);
  const std::string classes = options.num_classes > 0
                                  ? absl::StrCat(options.num_classes, " classes")
                                  : absl::StrCat("h of ", work.representation_size);
  // Plain digits: programs read this line.
  return absl::StrCat("parameters: ", work.parameters,
                      "     multiply-adds: ", Grouped(work.multiply_adds),
                      " (convolutions and classifier)     ", options.cells, " cells, ",
                      options.channels, " channels, ", size, " → ", classes, "\n");
}

std::string Title(absl::string_view title) { return absl::StrCat(title, Spaces(kTitle, title)); }

// Every node reads every state before it, by all candidates.
std::string DrawMixtures(const SearchSpace& space, int64_t alphas) {
  CellGenotype cell;
  for (int to = 2; to < space.nodes() + 2; ++to) {
    for (int from = 0; from < to; ++from) {
      Edge* edge = cell.add_edge();
      edge->set_from(from);
      edge->set_to(to);
      edge->mutable_operation()->set_name("mixture");
    }
  }
  const std::string names =
      absl::StrJoin(space.candidate(), ", ",
                    [](std::string* out, const PluginSpec& spec) { out->append(spec.name()); });
  return absl::StrCat(DrawCell(cell, Title("every cell")),
                      "mixture = Σ softmax(α) · operation over ", names, "\n", Grouped(alphas),
                      " alphas (", cell.edge_size(), " edges × ", space.candidate_size(),
                      " operations × 2 kinds of cells), not counted below\n");
}

}  // namespace

absl::StatusOr<std::string> DescribeDerived(const Architecture& architecture,
                                            const DescribeOptions& options) {
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan,
                         PlanDerived(architecture, {.cells = options.cells,
                                                    .channels = options.channels,
                                                    .image_size = options.image_size,
                                                    .image_channels = kImageChannels,
                                                    .stem = options.stem}));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work,
                         CountWork(plan, options.image_size, kImageChannels, options.num_classes));
  return absl::StrCat(DrawCell(architecture.normal(), Title("normal cell")),
                      DrawCell(architecture.reduction(), Title("reduction cell")),
                      Totals(work, options), "\n", Layers(work, options));
}

absl::StatusOr<std::string> DescribeSupernet(const SearchSpace& space,
                                             const DescribeOptions& options) {
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan,
                         PlanSupernet(space, options.cells, options.channels, kImageChannels));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work,
                         CountWork(plan, options.image_size, kImageChannels, options.num_classes));
  return absl::StrCat(DrawMixtures(space, work.alphas), Totals(work, options), "\n",
                      Layers(work, options));
}

}  // namespace ssnas
