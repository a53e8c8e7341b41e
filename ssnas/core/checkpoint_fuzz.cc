// Any manifest under a seal that fits is a checkpoint, one that is kept aside, or an error of the
// run folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/checkpoint.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/sha256.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const char* const temporary = std::getenv("TEST_TMPDIR");
  const std::string folder =
      ssnas::JoinPath(temporary == nullptr ? "." : temporary, "fuzzed_checkpoints");
  const std::string step = ssnas::JoinPath(folder, "000000003");
  CHECK_EQ(ssnas::MakeFolders(step), absl::OkStatus());
  const std::string text(reinterpret_cast<const char*>(data), size);
  CHECK_EQ(ssnas::WriteFileSynced(ssnas::JoinPath(step, "manifest.textproto"),
                                  absl::StrCat(text, "# sha256 ", ssnas::Sha256(text), "\n")),
           absl::OkStatus());
  std::vector<std::string> notes;
  const auto checkpoint = ssnas::CheckpointStore(folder, "digest").LoadNewest(&notes);
  if (checkpoint.ok()) {
    CHECK_EQ(checkpoint->has_value(), notes.empty());
  } else {
    CHECK_EQ(ssnas::ExitCode(checkpoint.status()), 4) << checkpoint.status();
  }
  CHECK_EQ(ssnas::RemoveTree(folder), absl::OkStatus());
  return 0;
}
