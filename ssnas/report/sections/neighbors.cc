#include "ssnas/report/sections/neighbors.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {
namespace {

constexpr double kSame = 1e-6;  // from here on 1 is said to be 1

void AddPicture(Markup& markup, const std::string& base64, const std::string& name,
                const std::string& caption) {
  markup.Open("figure");
  markup.Leaf("img", {{"src", absl::StrCat("data:image/png;base64,", base64)}, {"alt", name}});
  markup.Leaf("figcaption", {}, caption);
  markup.Close();
}

// Decimals by which the similarity that is nearest to 1 can be told from 1, at least 2.
int Decimals(const NeighborSheet& sheet) {
  double least = 1;
  for (const ImageNeighbors& row : sheet.rows) {
    for (const SimilarImage& neighbor : row.neighbors) {
      const double distance = 1 - neighbor.similarity;
      if (distance >= kSame) least = std::min(least, distance);
    }
  }
  return std::max(2, static_cast<int>(std::ceil(-std::log10(least))));
}

}  // namespace

void AddNeighbors(Markup& markup, const RunData& run) {
  if (run.pretrained.empty()) return;
  markup.Leaf("h3", {}, "Nearest neighbours");
  if (!run.neighbors) {
    AddMissing(markup,
               "neighbors.json, with images and those whose features are most like theirs, is "
               "written at the end of pretraining; it is not there.");
    return;
  }
  const NeighborSheet& sheet = *run.neighbors;
  const std::string among =
      sheet.images ? absl::StrCat(" of ", Amount(static_cast<double>(*sheet.images)), " images")
                   : "";
  markup.Leaf(
      "p", {},
      absl::StrCat(sheet.held_out ? "Images that were not trained on (framed)" : "Images (framed)",
                   ", each with those", among, " whose features in ", sheet.stage,
                   " are most like its own, the most similar first. Features: the representation "
                   "before the projection head. Below each: cosine similarity, 1 at most."));
  const int decimals = Decimals(sheet);
  markup.Open("ul", {{"class", "neighbors"}});
  for (size_t i = 0; i < sheet.rows.size(); ++i) {
    markup.Open("li");
    AddPicture(markup, sheet.rows[i].picture, absl::StrCat("image ", i + 1), "image");
    for (size_t k = 0; k < sheet.rows[i].neighbors.size(); ++k) {
      const SimilarImage& neighbor = sheet.rows[i].neighbors[k];
      AddPicture(markup, neighbor.picture, absl::StrCat("image ", i + 1, ", neighbour ", k + 1),
                 Fixed(neighbor.similarity, decimals));
    }
    markup.Close();
  }
  markup.Close();
}

}  // namespace ssnas::report
