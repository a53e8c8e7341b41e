// The commands of docs/add_an_operation.md, run by the repository rule beside this, add what the
// page says they add. The conformance suite is linked in and takes the new operation too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/file.h"
#include "ssnas/core/registry.h"
#include "ssnas/ops/operation.h"
#include "ssnas/spec/reference.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

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

// The page's line of a spec, whose … stands for what the reader writes.
std::string SpecOfThePage() {
  const std::string page = ReadAll("docs/add_an_operation.md");
  const size_t begin = page.find("\nspace {") + 1;
  return absl::StrReplaceAll(page.substr(begin, page.find("\n```", begin) - begin), {{"…", ""}});
}

std::string NameOfThePage() {
  const std::string spec = SpecOfThePage();
  const size_t begin = spec.find('"') + 1;
  return spec.substr(begin, spec.find('"', begin) - begin);
}

TEST(AddAnOperationTest, TheOperationIsRegisteredFromTheNewFolder) {
  const auto facts = TableOf<Operation>().Find(NameOfThePage());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const std::string family = Variable("FAMILY");
  EXPECT_THAT((*facts)->file,
              EndsWith(absl::StrCat("/ssnas/ops/", family, "/", family, "_register.cc")));
}

TEST(AddAnOperationTest, ItsExampleBuildsIt) {
  PluginSpec spec;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadAll(Variable("EXAMPLE")), &spec));
  EXPECT_EQ(spec.name(), NameOfThePage());
  const auto operation = CreatePlugin<Operation>(spec);
  ASSERT_TRUE(operation.ok()) << operation.status();
  EXPECT_TRUE((*operation)->BuildRecipe({.channels = 4}).ok());
}

TEST(AddAnOperationTest, ASpecNamesItAsThePageDoes) {
  const absl::StatusOr<ExperimentSpec> spec = LoadSpec(
      absl::StrCat("name: \"added\" dataset { name: \"synthetic\" } ",
                   "objective { name: \"nt_xent\" } search { epochs: 1 }\n", SpecOfThePage()),
      "page", {});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->space().candidate(0).name(), NameOfThePage());
}

TEST(AddAnOperationTest, TheReferencePageAndTheListHaveIt) {
  const absl::StatusOr<std::string> page = ReferencePage();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, HasSubstr(absl::StrCat("| `", NameOfThePage(), "` |")));
  const absl::StatusOr<std::string> list = ListPlugins("");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(*list, HasSubstr(NameOfThePage()));
}

TEST(AddAnOperationTest, TheListOfFoldersHasTheNewOne) {
  const std::string build = ReadAll(Variable("OPS_BUILD"));
  const size_t begin = build.find("FAMILIES = [");
  const std::string families = build.substr(begin, build.find(']', begin) - begin);
  EXPECT_THAT(families, HasSubstr(absl::StrCat("\n    \"", Variable("FAMILY"), "\",\n")));
}

}  // namespace
}  // namespace ssnas
