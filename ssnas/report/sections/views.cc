#include "ssnas/report/sections/views.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/sections/neighbors.h"

namespace ssnas::report {

namespace {

// Folded: it may be long.
void AddLeftOut(Markup& markup, const RunData& run) {
  if (!run.summary || run.summary->left_out.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const LeftOut& file : run.summary->left_out) rows.push_back({file.file, file.reason});
  markup.Open("details");
  markup.Leaf(
      "summary", {},
      absl::StrCat("Left out: ", Counted(static_cast<int64_t>(rows.size()),
                                         "file that gave no image", "files that gave no image")));
  AddTable(markup, "Files of the training data that are no part of it.",
           {{.name = "file"}, {.name = "what is wrong with it"}}, rows);
  markup.Close();
}

}  // namespace

Markup ViewsSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "views", "What it saw");
  if (run.images.empty()) {
    AddMissing(markup,
               "views.json, with images and their views, is written at the end of a run; it is not "
               "there.");
    AddNeighbors(markup, run);
    AddLeftOut(markup, run);
    markup.Close();
    return markup;
  }
  const std::string side =
      run.image_size && *run.image_size > 0 && *run.image_size < 100000
          ? absl::StrCat(", ", *run.image_size, "×", *run.image_size, " pixels")
          : "";
  markup.Leaf("p", {},
              absl::StrCat("Training images", side,
                           ", each with the views that the objective was to recognise as one image "
                           "(framed: the original). Contrast is stretched for the eye."));
  markup.Open("ul", {{"class", "views"}});
  const auto add = [&](const std::string& base64, const std::string& name) {
    markup.Leaf("img", {{"src", absl::StrCat("data:image/png;base64,", base64)}, {"alt", name}});
  };
  for (size_t i = 0; i < run.images.size(); ++i) {
    const ImageViews& image = run.images[i];
    markup.Open("li");
    add(image.original, absl::StrCat("image ", i + 1));
    for (size_t view = 0; view < std::min<size_t>(image.views.size(), 8); ++view) {
      add(image.views[view], absl::StrCat("image ", i + 1, ", view ", view + 1));
    }
    markup.Close();
  }
  markup.Close();
  AddNeighbors(markup, run);
  AddLeftOut(markup, run);
  markup.Close();
  return markup;
}

}  // namespace ssnas::report
