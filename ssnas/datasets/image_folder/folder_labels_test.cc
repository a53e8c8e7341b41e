#include "ssnas/datasets/image_folder/folder_labels.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ssnas/datasets/image_folder/label_csv.h"

namespace ssnas {
namespace {

using Table = std::map<std::string, std::string>;
using Labels = std::vector<int32_t>;

TEST(LabelCsvTest, ReadsWhatSpreadsheetsWrite) {
  const auto table = ParseLabelCsv(
      "\xEF\xBB\xBF"
      "path,label\r\n./a.jpg,cat\r\n\"b, c.png\",\"say \"\"dog\"\"\"\r\n\r\nd/e.jpg,cat");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->label,
            (Table{{"a.jpg", "cat"}, {"b, c.png", "say \"dog\""}, {"d/e.jpg", "cat"}}));
  EXPECT_TRUE(ParseLabelCsv("")->label.empty());
  EXPECT_EQ(ParseLabelCsv("a,b\na,b\n")->label, (Table{{"a", "b"}}));
}

TEST(LabelCsvTest, SaysWhichLineIsWrong) {
  const auto problem = [](const char* text) {
    return std::string(ParseLabelCsv(text).status().message());
  };
  EXPECT_EQ(problem("a,b\nc\n"),
            "line 2: expected path,label; got 1 fields (a comma in a path needs quotes around it)");
  EXPECT_EQ(problem("a,b,c\n"),
            "line 1: expected path,label; got 3 fields (a comma in a path needs quotes around it)");
  EXPECT_EQ(problem("\"a,b\n"), "line 1: a quote is not closed");
  EXPECT_EQ(problem("x,y\n\"a\"b,c\n"),
            "line 2: after a quoted field there must be a comma or the end of the line");
  EXPECT_EQ(problem(",b"), "line 1: the path is empty");
  EXPECT_EQ(problem("a,"), "line 1: the label is empty");
  EXPECT_EQ(problem("a,b\n\n./a,c"), "line 3: 'a' is 'c' here and 'b' before");
}

TEST(LabelCsvTest, OrdersNumbersAsNumbers) {
  EXPECT_EQ(ClassNames({"10", "9", "2", "9"}), (std::vector<std::string>{"2", "9", "10"}));
  EXPECT_EQ(ClassNames({"10", "9", "x"}), (std::vector<std::string>{"10", "9", "x"}));
}

TEST(FolderLabelsTest, TakesTheFirstFolder) {
  const std::vector<std::string> all = {"a/1.jpg", "b/c/2.jpg", "c/3.jpg", "stray.jpg"};
  EXPECT_EQ(FolderLabels({"c/3.jpg", "b/c/2.jpg"}, all, 3).value(), (Labels{2, 1}));
  EXPECT_EQ(FolderLabels({"a/1.jpg"}, all, 2).status().message(),
            "classes is 2, but there are 3: a, b, c. Set dataset.config.classes to 3.");
  EXPECT_EQ(FolderLabels({"a/1.jpg", "stray.jpg"}, all, 3).status().message(),
            "labels are FOLDERS, but these images lie in no folder of a class: stray.jpg. Move "
            "them into one, or set labels to NONE or CSV.");
  // A folder that is gone since.
  EXPECT_EQ(FolderLabels({"z/1.jpg"}, {"a/1.jpg"}, 2).value(), (Labels{1}));
}

TEST(FolderLabelsTest, TakesTheCsv) {
  EXPECT_EQ(CsvLabels({"b", "a"}, "a,x\nb,y\nunknown,x\n", 2).value(), (Labels{1, 0}));
  EXPECT_EQ(CsvLabels({"1", "2", "3", "4", "5", "6", "\x1b[2J"}, "a,x\n", 1).status().message(),
            "these images have no label: 1, 2, 3, 4, 5 … (7 in all). Add them (paths are below the "
            "folder of images), or remove the files.");
  EXPECT_EQ(CsvLabels({"b"}, "a", 1).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
