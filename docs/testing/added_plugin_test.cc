// The commands of a page such as docs/add_an_operation.md, run by the repository rule beside this,
// add what the page says they add.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/file.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/testing/plugin_example.h"
#include "ssnas/spec/reference.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string ReadAll(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// The page's code block of this language.
std::string Block(const std::string& language) {
  const std::string page = ReadAll(Variable("PAGE")), start = absl::StrCat("\n```", language, "\n");
  const size_t begin = page.find(start);
  if (begin == std::string::npos) return "";
  const size_t from = begin + start.size();
  return page.substr(from, page.find("\n```", from) - from);
}

// The page's line of a spec, whose … stands for what the reader writes.
std::string SpecOfThePage() { return absl::StrReplaceAll(Block("textproto"), {{"…", ""}}); }

std::string NameOfThePage() {
  const std::vector<std::string> parts = absl::StrSplit(SpecOfThePage(), '"');
  return parts.size() > 1 ? parts[1] : "";
}

const PluginTable& Table() { return *PluginTable::OfKind(Variable("KIND")); }

TEST(AddedPluginTest, IsRegisteredFromTheNewFolder) {
  const auto facts = Table().Find(NameOfThePage());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const std::string folder = Variable("FOLDER");
  const std::string name = folder.substr(folder.rfind('/') + 1);
  EXPECT_THAT((*facts)->file, EndsWith(absl::StrCat("/", folder, "/", name, "_register.cc")));
}

TEST(AddedPluginTest, ItsExampleIsOne) {
  const auto facts = Table().Find(NameOfThePage());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const absl::StatusOr<PluginSpec> example = ReadPluginExample((*facts)->file);
  ASSERT_TRUE(example.ok()) << example.status();
  EXPECT_EQ(example->name(), NameOfThePage());
  const auto config = Table().ResolveConfig(*example);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ((*facts)->check(**config), absl::OkStatus());
}

TEST(AddedPluginTest, ASpecNamesItAsThePageDoes) {
  std::string spec = "name: \"added\" search { epochs: 1 }\n";
  for (const char* part : {"dataset { name: \"synthetic\" }\n", "objective { name: \"nt_xent\" }\n",
                           "space { candidate { name: \"skip_connect\" } }\n"}) {
    const std::string field(part, std::string(part).find(' '));
    if (!absl::StartsWith(SpecOfThePage(), field)) spec += part;
  }
  const absl::StatusOr<ExperimentSpec> loaded = LoadSpec(spec + SpecOfThePage(), "page", {});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->DebugString(), HasSubstr(absl::StrCat("name: \"", NameOfThePage(), "\"")));
}

TEST(AddedPluginTest, TheReferencePageHasIt) {
  const absl::StatusOr<std::string> page = ReferencePage();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, HasSubstr(absl::StrCat("| `", NameOfThePage(), "` |")));
}

// Words of a line, but for the last, which says in what repository the plugin is defined. How far
// apart they stand depends on the other lines.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (!words.empty()) words.pop_back();
  return words;
}

TEST(AddedPluginTest, TheListHasTheLineOfThePage) {
  const absl::StatusOr<std::string> list = ListPlugins(Variable("KIND"));
  ASSERT_TRUE(list.ok()) << list.status();
  std::vector<std::vector<std::string>> lines;
  for (const absl::string_view line : absl::StrSplit(*list, '\n')) {
    lines.push_back(Words(std::string(line)));
  }
  EXPECT_THAT(lines, Contains(Words(Block("text")))) << *list;
}

TEST(AddedPluginTest, TheListOfFoldersHasTheNewOne) {
  const std::string build = ReadAll(Variable("LIST"));
  std::string folders;
  for (size_t begin = 0; (begin = build.find("S = [\n", begin)) != std::string::npos;) {
    const size_t end = build.find(']', begin);
    folders += build.substr(begin, end - begin);
    begin = end;
  }
  const std::string folder = Variable("FOLDER");
  EXPECT_THAT(folders,
              HasSubstr(absl::StrCat("\n    \"", folder.substr(folder.rfind('/') + 1), "\",\n")));
}

}  // namespace
}  // namespace ssnas
