// Every file of testdata/malformed is refused with the words in the .golden beside it; those that
// are not proper text end in .bytes.
//
// After a deliberate change of a message:  SSNAS_WRITE_GOLDENS=1 ./bazelw run
// //ssnas/spec:malformed_test
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

constexpr char kFolder[] = "ssnas/spec/testdata/malformed";

// The sources' folder where goldens are to be written, else empty.
std::string WriteFolder() {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  const bool write = std::getenv("SSNAS_WRITE_GOLDENS") != nullptr && workspace != nullptr;
  return write ? JoinPath(workspace, kFolder) : "";
}

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  const std::string folder = WriteFolder().empty() ? kFolder : WriteFolder();
  for (const std::string& file : ListFolder(folder).value_or(std::vector<std::string>())) {
    if (!absl::EndsWith(file, ".golden")) cases.push_back(file);
  }
  return cases;
}

class MalformedTest : public testing::TestWithParam<std::string> {};

TEST_P(MalformedTest, IsRefusedInTheseWords) {
  const std::string folder = WriteFolder().empty() ? kFolder : WriteFolder();
  const std::string& file = GetParam();
  const absl::StatusOr<std::string> text = ReadFile(JoinPath(folder, file));
  ASSERT_TRUE(text.ok()) << text.status();
  const absl::StatusOr<ExperimentSpec> spec = LoadSpec(*text, file, {});
  ASSERT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << spec.status();
  EXPECT_EQ(ExitCode(spec.status()), 2);
  const std::string message = absl::StrCat(spec.status().message(), "\n");
  EXPECT_TRUE(absl::StartsWith(message, file)) << message;
  const std::string golden =
      JoinPath(folder, absl::StrCat(file.substr(0, file.find('.')), ".golden"));
  if (!WriteFolder().empty()) {
    ASSERT_TRUE(WriteFileAtomically(golden, message).ok());
  }
  const absl::StatusOr<std::string> wanted = ReadFile(golden);
  ASSERT_TRUE(wanted.ok()) << wanted.status() << "\nmessage:\n" << message;
  EXPECT_EQ(message, *wanted);
}

INSTANTIATE_TEST_SUITE_P(All, MalformedTest, testing::ValuesIn(Cases()), [](const auto& instance) {
  return instance.param.substr(0, instance.param.find('.'));
});

TEST(MalformedFilesTest, AreThere) { EXPECT_GE(Cases().size(), 90u); }

}  // namespace
}  // namespace ssnas
