#include "ssnas/datasets/runfiles.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/file.h"

namespace ssnas {
namespace {

TEST(RunfilesFoldersTest, LooksAtTheEnvironmentBesideTheProgramAndAround) {
  EXPECT_EQ(
      RunfilesFolders({"/env", ""}, {"bin/a", "/out/b.runfiles/ssnas/bin/a"},
                      "/out/c.runfiles/ssnas"),
      (std::vector<std::string>{"/env", "bin/a.runfiles", "/out/b.runfiles/ssnas/bin/a.runfiles",
                                "/out/b.runfiles", "/out/c.runfiles"}));
  EXPECT_EQ(RunfilesFolders({}, {}, "/"), std::vector<std::string>());
}

TEST(FindRunfileTest, FindsAFileInAnyOfThem) {
  const std::string folder = JoinPath(testing::TempDir(), "found.runfiles");
  ASSERT_TRUE(MakeFolders(JoinPath(folder, "repository")).ok());
  ASSERT_TRUE(WriteFileSynced(JoinPath(folder, "repository/file"), "x").ok());
  ASSERT_EQ(setenv("RUNFILES_DIR", folder.c_str(), 1), 0);
  EXPECT_EQ(FindRunfile("repository/file").value(), JoinPath(folder, "repository/file"));
}

TEST(FindRunfileTest, NamesWhatItLookedFor) {
  const absl::Status status = FindRunfile("no/such/file").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message().find("no/such/file is in none of "), 0u) << status;
}

}  // namespace
}  // namespace ssnas
