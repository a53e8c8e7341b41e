// Any lines are changes with --set that give a spec which resolves, or the user's error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/logging.h"
#include "ssnas/spec/spec.h"

namespace {

constexpr char kSpec[] = R"(
name: "x"
dataset { name: "synthetic" config { size: 8 } }
objective { name: "nt_xent" }
augmentation { name: "flip" }
augmentation { name: "color_jitter" config { hue: 0.1 } }
space { candidate { name: "none" } candidate { name: "sep_conv_3x3" } }
search { seeds: [1, 2] }
pretrain {}
)";
constexpr size_t kMaxSets = 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> sets = absl::StrSplit(text, '\n');
  if (sets.size() > kMaxSets) sets.resize(kMaxSets);
  const auto spec = ssnas::LoadSpec(kSpec, "input", sets);
  if (!spec.ok()) {
    CHECK_EQ(ssnas::ExitCode(spec.status()), 2) << spec.status();
    return 0;
  }
  const auto resolved = ssnas::ResolveSpec(*spec);
  CHECK(resolved.ok()) << resolved.status();
  const auto again = ssnas::LoadSpec(ssnas::PrintSpec(*resolved, /*comments=*/false), "again", {});
  CHECK(again.ok()) << again.status();
  return 0;
}
