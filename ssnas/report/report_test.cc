#include "ssnas/report/report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/report/testing/fake_run.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

// The report of an invented run; checked to be well-formed and to need nothing else.
class ReportTest : public testing::Test {
 protected:
  ReportTest()
      : folder_(JoinPath(testing::TempDir(),
                         testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_TRUE(RemoveTree(folder_).ok());
  }

  std::string Page() {
    const absl::Status status = WriteReport(folder_);
    EXPECT_TRUE(status.ok()) << status;
    const auto page = ReadFile(JoinPath(folder_, "report.html"));
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return "";
    EXPECT_EQ(XmlError(*page), "");
    for (const char* foreign :
         {"<script", "http:", "https:", "<link", "url(", "@import", "onerror="}) {
      EXPECT_EQ(page->find(foreign), std::string::npos) << foreign;
    }
    return *page;
  }

  std::string PageOf(const FakeRun& run) {
    const absl::Status status = WriteFakeRun(run, folder_);
    EXPECT_TRUE(status.ok()) << status;
    return Page();
  }

  static bool Has(const std::string& page, const std::string& text) {
    return page.find(text) != std::string::npos;
  }

  const std::string folder_;
};

TEST_F(ReportTest, AFinishedRun) {
  const std::string page = PageOf({});
  EXPECT_TRUE(
      Has(page,
          "A cell found without labels on Fashion-MNIST: a linear probe on its features gets "
          "84.1\u00A0% of 10,000 test images right, 1.1 points better than a random cell."));
  for (const char* heading : {"The cell", "How it was found", "Was it worth it?", "What it saw",
                              "What it cost", "How to repeat it"}) {
    EXPECT_TRUE(Has(page, absl::StrCat("<h2>", heading, "</h2>"))) << heading;
  }
  EXPECT_EQ(CountOf(page, "class=\"missing\""), 0);
  EXPECT_EQ(CountOf(page, "class=\"notes\""), 0);
  EXPECT_EQ(CountOf(page, "class=\"edge "),
            16 + 6);                           // two cells of eight edges, six entries of the key
  EXPECT_EQ(CountOf(page, "<img "), 24 + 48);  // views; eight images with five neighbours each
  EXPECT_TRUE(Has(page, "log(2N−1) = 3.43"));  // 16 images: log 31
  EXPECT_TRUE(Has(page, "It has been the same since epoch 6 of 10."));
  EXPECT_TRUE(Has(page, "84.12\u00A0% (83.4–84.8)"));
  EXPECT_TRUE(Has(page, "found better"));
  EXPECT_TRUE(Has(page, "./bazelw run //experiments:fashion_mnist_ssnas"));
  EXPECT_TRUE(Has(page, "5f0c1d6e8a7b4c3d"));
  EXPECT_TRUE(Has(page, "temperature: 0.5"));
}

TEST_F(ReportTest, NamesEveryFileThatWasLeftOut) {
  EXPECT_FALSE(Has(PageOf({}), "Left out:"));
  const std::string page = PageOf({.left_out = 40});
  EXPECT_TRUE(Has(page, "Left out: 40\u00A0files that gave no image"));
  EXPECT_EQ(CountOf(page, "<td>is empty</td>"), 40);
  EXPECT_TRUE(Has(page, "&lt;b&gt;39&lt;/b&gt;.jpg"));
  EXPECT_FALSE(Has(page, "<b>39"));
}

TEST_F(ReportTest, NearestNeighboursWithTheirSimilarity) {
  const std::string page = PageOf({});
  EXPECT_TRUE(Has(
      page,
      "Images that were not trained on (framed), each with those of 1,000 images whose features "
      "in pretrain/found are most like its own"));
  EXPECT_EQ(CountOf(page, "<figcaption>0.98</figcaption>"), 8);
  EXPECT_EQ(CountOf(page, "<figcaption>0.70</figcaption>"), 8);
  EXPECT_TRUE(Has(page, "alt=\"image 8, neighbour 5\""));

  // Of a network that was hardly trained: as many digits as it takes to tell them from 1.
  const std::string alike = PageOf({.least_similarity = 0.997});
  EXPECT_EQ(CountOf(alike, "<figcaption>0.9998</figcaption>"), 8);
  EXPECT_EQ(CountOf(alike, "<figcaption>0.9970</figcaption>"), 8);

  ASSERT_TRUE(RemoveTree(folder_).ok());
  const std::string without = PageOf({.neighbors = false});
  EXPECT_EQ(CountOf(without, "<img "), 24);
  EXPECT_EQ(CountOf(without, "class=\"missing\""), 1);
  EXPECT_TRUE(Has(without, "neighbors.json, with images"));

  // A run that pretrains nothing has no such part at all.
  ASSERT_TRUE(RemoveTree(folder_).ok());
  EXPECT_FALSE(Has(PageOf({.probed = false}), "Nearest neighbours"));
}

TEST_F(ReportTest, EverySvgSaysWhatItIs) {
  const std::string page = PageOf({});
  EXPECT_GT(CountOf(page, "<svg "), 10);
  EXPECT_EQ(CountOf(page, "<svg "), CountOf(page, "role=\"img\" aria-label=\""));
  EXPECT_EQ(CountOf(page, "aria-label=\"\""), 0);
}

TEST_F(ReportTest, TheSameRunGivesTheSameBytes) {
  const std::string first = PageOf({});
  EXPECT_TRUE(first == Page());
}

TEST_F(ReportTest, AnUnfinishedRunSaysWhatIsMissing) {
  const std::string page = PageOf({.seeds = {1, 2}, .finished = false});
  EXPECT_TRUE(Has(page, "A search under way on fashion_mnist"));
  EXPECT_TRUE(Has(page, "no cell has been derived yet"));
  EXPECT_TRUE(Has(page, "not finished"));
  EXPECT_TRUE(Has(page, "architecture.textproto is written when the searches are done"));
  EXPECT_TRUE(Has(page, "views.json"));
  EXPECT_TRUE(Has(page, "Time by stage"));  // from the timings
}

TEST_F(ReportTest, ARunWithOnlyASearch) {
  const std::string page = PageOf({.probed = false, .views = false});
  EXPECT_TRUE(Has(page, "; not yet tested."));
  EXPECT_TRUE(Has(page, "the spec has neither pretrain nor evaluate"));
  EXPECT_EQ(CountOf(page, "class=\"edge "), 16 + 6);
}

TEST_F(ReportTest, ARunThatPretrainsAndTestsNothing) {
  const std::string page = PageOf({.labelled = false});
  EXPECT_TRUE(
      Has(page,
          "A cell found without labels on Fashion-MNIST, its network pretrained on the same "
          "images: NT-Xent 4.559 on held-out ones."));
  EXPECT_TRUE(Has(page, "<dt>NT-Xent, held out</dt><dd class=\"value\">4.559</dd>"));
  EXPECT_FALSE(Has(page, "In brackets"));
  EXPECT_FALSE(Has(page, "not yet tested"));
}

TEST_F(ReportTest, SeveralSeedsAndRandomCells) {
  const std::string page =
      PageOf({.seeds = {1, 2, 3}, .random_cells = 5, .evaluated = true, .deep_cell = true});
  EXPECT_TRUE(Has(page, "trained from scratch with labels, it errs on 7.21\u00A0%"));
  EXPECT_TRUE(Has(page, "Of 3 searches, search/seed_1 gave the cell"));
  EXPECT_TRUE(Has(page, "5 random cells"));
  EXPECT_TRUE(Has(page, "class=\"mean\""));
}

TEST_F(ReportTest, HostileNamesAreOnlyText) {
  const std::string evil = "\"'><script>alert(1)</script>&<svg onload=x>]]>";
  const std::string page = PageOf({.name = evil, .title = evil, .sep_conv = evil});
  EXPECT_TRUE(Has(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_FALSE(Has(page, "<svg onload"));
}

TEST_F(ReportTest, NamesThatAreNoText) {
  const std::string page = PageOf({.sep_conv = "op\x01\x7f"});
  EXPECT_TRUE(Has(page, "op\uFFFD"));
}

TEST_F(ReportTest, ALongRunMakesAPageThatCanBeMailed) {
  const std::string page = PageOf({.epochs = 200, .steps_per_epoch = 100});
  EXPECT_LT(page.size(), 500000u);
}

TEST_F(ReportTest, DamagedFilesAreNamedOnThePage) {
  ASSERT_TRUE(WriteFakeRun({}, folder_).ok());
  ASSERT_TRUE(WriteFileSynced(JoinPath(folder_, "summary.json"), "{").ok());
  ASSERT_TRUE(
      WriteFileSynced(JoinPath(folder_, "search/seed_1/metrics.jsonl"), "oops\n{\"step\":1}\n")
          .ok());
  const std::string page = Page();
  EXPECT_TRUE(Has(page, "What is wrong with the files of this run"));
  EXPECT_TRUE(Has(page, "summary.json: no JSON object"));
  EXPECT_TRUE(Has(page, "search/seed_1/metrics.jsonl:1: no JSON object"));
  EXPECT_TRUE(Has(page, "no values yet"));
}

TEST_F(ReportTest, AFolderThatIsNoRunIsRefused) {
  ASSERT_TRUE(MakeFolders(folder_).ok());
  const absl::Status status = WriteReport(folder_);
  EXPECT_EQ(ExitCode(status), 4);
  EXPECT_FALSE(PathExists(JoinPath(folder_, "report.html")));
}

}  // namespace
}  // namespace ssnas::report
