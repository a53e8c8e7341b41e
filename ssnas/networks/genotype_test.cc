#include "ssnas/networks/genotype.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/file.h"
#include "ssnas/ops/sep_conv/sep_conv.pb.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string TestFile(const std::string& name) {
  const auto text = ReadFile("ssnas/networks/testdata/" + name, 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

std::string ParseError(absl::string_view text) {
  const auto parsed = ParseArchitecture(text, "cell.txt");
  EXPECT_FALSE(parsed.ok()) << text;
  return std::string(parsed.status().message());
}

CellGenotype Cell(const std::string& text) {
  CellGenotype cell;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &cell)) << text;
  return cell;
}

constexpr char kMini[] =
    "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0)], normal_concat=range(2, 3), "
    "reduce=[('max_pool_3x3', 0), ('none', 1)], reduce_concat=range(2, 3))";

TEST(ParseArchitectureTest, ReadsDartsText) {
  const auto cell = ParseArchitecture(TestFile("darts_v2.txt"), "darts_v2.txt");
  ASSERT_TRUE(cell.ok()) << cell.status();
  ASSERT_EQ(cell->normal().edge_size(), 8);
  const Edge& last = cell->normal().edge(7);
  EXPECT_EQ(last.operation().name(), "dil_conv_3x3");
  EXPECT_EQ(last.from(), 2);
  EXPECT_EQ(last.to(), 5);
  EXPECT_EQ(cell->reduction().edge(3).from(), 1);
  EXPECT_EQ(cell->reduction().edge(3).to(), 3);
  EXPECT_THAT(cell->reduction().concat(), testing::ElementsAre(2, 3, 4, 5));
}

// As PC-DARTS, P-DARTS, logs and people write it.
TEST(ParseArchitectureTest, ReadsDartsTextInAllItsForms) {
  const std::string forms[] = {
      absl::StrCat("MINE = ", kMini),
      absl::StrCat("03/14 10:00:00 PM genotype = ", kMini, "\n"),
      absl::StrCat("# found on a Tuesday\n\n", kMini, "  # good\n"),
      absl::StrReplaceAll(kMini, {{"'", "\""}}),
      absl::StrReplaceAll(kMini, {{"range(2, 3)", "[2]"}}),
      absl::StrReplaceAll(kMini, {{"range(2, 3)", "(2,)"}}),
      absl::StrReplaceAll(kMini, {{", ", ",\n\t"}, {"=", " = "}}),
      absl::StrReplaceAll(kMini, {{")]", "),]"}}),
  };
  for (const std::string& form : forms) {
    const auto cell = ParseArchitecture(form, "form");
    ASSERT_TRUE(cell.ok()) << form << "\n" << cell.status();
    EXPECT_EQ(PrintDartsGenotype(*cell).value(), kMini);
  }
}

TEST(ParseArchitectureTest, BothFormatsHoldTheSameCell) {
  for (const char* name : {"darts_v1.txt", "darts_v2.txt", "pc_darts.txt", "p_darts.textproto"}) {
    const auto cell = ParseArchitecture(TestFile(name), name);
    ASSERT_TRUE(cell.ok()) << cell.status();
    const std::string text = PrintArchitecture(*cell);
    const auto again = ParseArchitecture(text, "printed");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(PrintArchitecture(*again), text);
    const auto through_darts = ParseArchitecture(PrintDartsGenotype(*cell).value(), "darts");
    ASSERT_TRUE(through_darts.ok()) << through_darts.status();
    EXPECT_EQ(PrintArchitecture(*through_darts), text);
  }
}

// NASNet's cell: five nodes, sep_conv_7x7, both edges of a node from one state.
TEST(ParseArchitectureTest, FiveNodesAndRepeatedPredecessors) {
  const std::string text =
      "Genotype(normal=[('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), "
      "('sep_conv_3x3', 0), ('avg_pool_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), "
      "('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 1)], normal_concat=range(2, 7), "
      "reduce=[('sep_conv_5x5', 1), ('sep_conv_7x7', 0), ('max_pool_3x3', 1), ('sep_conv_7x7', 0), "
      "('avg_pool_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 3), ('avg_pool_3x3', 2), "
      "('sep_conv_3x3', 2), ('max_pool_3x3', 1)], reduce_concat=[4, 5, 6])";
  const auto cell = ParseArchitecture(text, "nasnet");
  ASSERT_TRUE(cell.ok()) << cell.status();
  EXPECT_EQ(CheckCell(cell->normal()).value(), 5);
  EXPECT_EQ(PrintDartsGenotype(*cell).value(),
            absl::StrReplaceAll(text, {{"[4, 5, 6]", "range(4, 7)"}}));
}

TEST(ParseArchitectureTest, DartsErrorsSayWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Genotype(normal=[('sep_conv_3x4', 1)", "cell.txt:1:37: expected ']', got 'end of file'"},
      {"Genotype(normal=[('a', 1), ('a', 2)])", "cell.txt:1:34: node 2 cannot read state 2"},
      {"Genotype(normal=[('a', 1)])", "cell.txt:1:26: an odd number of edges: each node has two"},
      {"Genotype(\n  normal=[(a, 1)])", "cell.txt:2:12: expected an operation's name in quotes"},
      {"Genotype(normal=[('a, 1)])", "cell.txt:1:19: a quote is not closed"},
      {"Genotype(normal=[('a', -1)])", "cell.txt:1:24: expected a state's number, got '-'"},
      {"Genotype(normal=[('a', 1x)])", "cell.txt:1:24: expected a state's number, got '1x'"},
      {"Genotype(normal=[], normal=[])", "cell.txt:1:21: a second normal"},
      {"Genotype(norm=[])",
       "cell.txt:1:10: expected normal=, normal_concat=, reduce= or reduce_concat=, got 'norm'"},
      {"Genotype(normal_concat=open(2, 6))",
       "cell.txt:1:24: expected range(first, end) or [states]"},
      {"Genotype(normal_concat=range(2))", "cell.txt:1:31: expected range(first, end)"},
      {"Genotype() Genotype()", "cell.txt:1:12: nothing may follow the genotype: one a file"},
      {"import os\nGenotype()",
       "cell.txt:1:1: expected Genotype(…) or NAME = Genotype(…), one a file"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ParseError(text), StartsWith(message + ".\n")) << text;
  }
  EXPECT_EQ(
      ParseError("Genotype(\n  norm=[])"),
      "cell.txt:2:3: expected normal=, normal_concat=, reduce= or reduce_concat=, got 'norm'.\n"
      "     2 |   norm=[])\n"
      "       |   ^");
}

TEST(ParseArchitectureTest, UnknownOperationIsNamedWhereItStandsWithTheNearest) {
  const std::string text = absl::StrReplaceAll(kMini, {{"max_pool_3x3", "max_pool_3x4"}});
  EXPECT_THAT(ParseError(text),
              HasSubstr("cell.txt:1:97: no operation 'max_pool_3x4'. Nearest: max_pool_3x3. All "));
  const std::string proto =
      absl::StrReplaceAll(TestFile("p_darts.textproto"),
                          {{"dil_conv_5x5\" } }\n  concat", "dil_conv\" } }\n  concat"}});
  EXPECT_THAT(ParseError(proto), HasSubstr("cell.txt:12:42: no operation 'dil_conv'. Nearest: "));
  EXPECT_THAT(ParseError(absl::StrReplaceAll(kMini, {{"max_pool_3x3", "max\xff\n"}})),
              HasSubstr("no operation 'max?"));
}

TEST(ParseArchitectureTest, TextprotoErrorsSayWhere) {
  EXPECT_EQ(ParseError("normal {\n  egde { }\n}"),
            "cell.txt:2:3: no field 'egde' in ssnas.CellGenotype; did you mean 'edge'?\n"
            "     2 |   egde { }\n"
            "       |   ^");
  EXPECT_THAT(ParseError(""), StartsWith("cell.txt: normal must be given"));
  EXPECT_THAT(ParseError("normal { edge { to: 2 } }"),
              StartsWith("cell.txt:1:10: normal.edge[0].from must be given"));
  const std::string good = "normal { edge { from: 0 to: 2 operation { name: 'none' } } }\n";
  EXPECT_THAT(ParseError(good), StartsWith("cell.txt: reduction must be given"));
  EXPECT_THAT(ParseError(good + "reduction { edge { from: 0 to: 2 } }"),
              StartsWith("cell.txt:2:13: reduction.edge[0].operation must be given"));
  EXPECT_THAT(ParseError(good + "reduction { edge { from: -1 to: 2 } }"),
              StartsWith("cell.txt:2:26: "));
  EXPECT_THAT(ParseError(good + "reduction { edge { from: 0 to: 3 operation { name: 'none' } } }"),
              StartsWith("cell.txt:2:1: reduction cell: node 2 has no incoming edge."));
}

TEST(ParseArchitectureTest, ConfigsSurviveAndAreChecked) {
  Architecture cell = ParseArchitecture(kMini, "mini").value();
  SepConvConfig config;
  config.set_kernel(9);
  cell.mutable_normal()->mutable_edge(0)->mutable_operation()->mutable_config()->PackFrom(config);
  const std::string text = PrintArchitecture(cell);
  EXPECT_THAT(text, HasSubstr("kernel: 9"));
  const auto again = ParseArchitecture(text, "again");
  ASSERT_TRUE(again.ok()) << again.status();
  SepConvConfig read;
  ASSERT_TRUE(again->normal().edge(0).operation().config().UnpackTo(&read));
  EXPECT_EQ(read.kernel(), 9);
  EXPECT_EQ(PrintDartsGenotype(*again).status().message(),
            "a DARTS genotype cannot hold the config of 'sep_conv_3x3'");
  EXPECT_THAT(ParseError(absl::StrReplaceAll(text, {{"kernel: 9", "kernel: 4"}})),
              StartsWith("cell.txt:11:19: sep_conv: kernel 4; give an odd one"));
  EXPECT_THAT(ParseError(absl::StrReplaceAll(text, {{"\"sep_conv_3x3\"", "\"max_pool_3x3\""}})),
              HasSubstr("takes a config of type ssnas.MaxPoolConfig, not ssnas.SepConvConfig"));
}

TEST(ParseArchitectureTest, RefusesWhatIsTooBig) {
  EXPECT_EQ(ParseError(std::string((1 << 20) + 1, ' ')),
            "cell.txt: 1048577 bytes are no genotype.");
  std::string deep = "normal { edge { operation { config { ";
  for (int i = 0; i < 30; ++i)
    absl::StrAppend(&deep, "[type.googleapis.com/ssnas.PluginSpec] { config { ");
  EXPECT_THAT(ParseError(deep), HasSubstr("cell.txt:1:"));
  const std::string long_name(1000, 'a');
  EXPECT_THAT(ParseError(absl::StrReplaceAll(kMini, {{"none", long_name}})),
              HasSubstr("no operation 'aaa"));
  std::string edges = "Genotype(normal=[";
  for (int i = 0; i < 130; ++i) absl::StrAppend(&edges, "('none', 0), ");
  EXPECT_THAT(ParseError(edges), HasSubstr("more than 128 edges"));
}

TEST(CheckCellTest, SaysWhatIsWrong) {
  const auto message = [](const std::string& text) {
    return std::string(CheckCell(Cell(text)).status().message());
  };
  EXPECT_EQ(message(""), "it has no edges");
  EXPECT_EQ(message("edge { from: 0 to: 3 }"), "node 2 has no incoming edge");
  EXPECT_EQ(message("edge { from: 2 to: 2 }"),
            "an edge from state 2 to 2; it must come from an earlier state");
  EXPECT_EQ(message("edge { from: -1 to: 2 }"),
            "an edge from state -1 to 2; it must come from an earlier state");
  EXPECT_EQ(message("edge { from: 0 to: 1 }"), "an edge to state 1; nodes are 2 to 65");
  EXPECT_EQ(message("edge { from: 0 to: 66 }"), "an edge to state 66; nodes are 2 to 65");
  EXPECT_EQ(message("edge { from: 0 to: 2 } concat: 3"),
            "its output holds state 3; its nodes are 2 to 2");
  EXPECT_EQ(message("edge { from: 0 to: 2 } concat: 1"),
            "its output holds state 1; its nodes are 2 to 2");
  std::string many;
  for (int i = 0; i < 26; ++i) absl::StrAppend(&many, "edge { from: 0 to: 2 } ");
  EXPECT_EQ(CheckCell(Cell(many)).value(), 1);
  EXPECT_EQ(message(many + "edge { from: 0 to: 2 }"), "more than 26 edges from state 0 to 2");
  CellGenotype crowd;
  for (int i = 0; i < 1025; ++i) *crowd.add_edge() = Cell("edge { from: 0 to: 2 }").edge(0);
  EXPECT_EQ(CheckCell(crowd).status().message(), "it has 1025 edges; at most 1024");
}

TEST(PrintTest, OrderOfEdgesAcrossNodesAndAnOutputLeftOutDoNotMatter) {
  const std::string a = "edge { from: 0 to: 2 operation { name: 'none' } } ";
  const std::string b = "edge { from: 1 to: 3 operation { name: 'none' } } ";
  Architecture one, other;
  *one.mutable_normal() = Cell(a + b + "concat: [2, 3]");
  *other.mutable_normal() = Cell(b + a);
  *one.mutable_reduction() = *other.mutable_reduction() = Cell(a);
  EXPECT_EQ(PrintArchitecture(one), PrintArchitecture(other));
  EXPECT_EQ(PrintDartsGenotype(one).status().message(),
            "a DARTS genotype has exactly two edges a node");
}

TEST(DrawCellTest, OneLineANode) {
  const Architecture cell = ParseArchitecture(TestFile("darts_v2.txt"), "v2").value();
  EXPECT_EQ(DrawCell(cell.normal(), "normal cell"),
            "normal cell   nodes: 0 = cell k−2, 1 = cell k−1, out = 2‖3‖4‖5\n"
            "  2 ← sep_conv_3x3(0) + sep_conv_3x3(1)\n"
            "  3 ← sep_conv_3x3(0) + sep_conv_3x3(1)\n"
            "  4 ← sep_conv_3x3(1) + skip_connect(0)\n"
            "  5 ← skip_connect(0) + dil_conv_3x3(2)\n");
}

}  // namespace
}  // namespace ssnas
