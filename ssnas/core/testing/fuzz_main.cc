// Runs a fuzz target over its corpus and over random damage of it, the same in every run.
//
//   target [--changes=N] FILE…
//
// A target is libFuzzer's function, so that clang links it as it is with -fsanitize=fuzzer; g++ has
// no such engine, and this stands in its place as a test. Ends with 0, or where the target aborts,
// after it has said which input that was.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "ssnas/core/file.h"
#include "ssnas/core/philox.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ssnas {
namespace {

constexpr int64_t kMaxInput = 1 << 20;

// Which input is under way; written by a signal handler, which may not format.
char under_way[512] = "";

void OnAbort(int signal_number) {
  size_t length = 0;
  while (under_way[length] != '\0') ++length;
  if (write(STDERR_FILENO, under_way, length) < 0) _exit(1);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void Run(const std::string& name, int64_t change, const std::string& input) {
  std::snprintf(under_way, sizeof under_way, "fuzz input: %s, change %lld\n", name.c_str(),
                static_cast<long long>(change));
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

// One to four edits: bytes set, bits flipped, pieces removed, doubled, taken from another input.
std::string Changed(const std::vector<std::string>& corpus, int64_t change) {
  Philox random({.seed = 1, .purpose = Purpose::kTest, .sample = static_cast<uint64_t>(change)});
  std::string text = corpus[change % corpus.size()];
  for (uint64_t edits = 1 + random.Below(4); edits > 0; --edits) {
    const std::string& other = corpus[random.Below(corpus.size())];
    const size_t at = random.Below(text.size() + 1);
    const size_t from = random.Below(other.size() + 1);
    const size_t length = 1 + random.Below(24);
    switch (random.Below(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text, std::min(from, text.size()), length);
        break;
      default:
        text.replace(at, length, other, from, length);
        break;
    }
  }
  return text;
}

int Main(const std::vector<std::string>& arguments) {
  int64_t changes = 2000;
  std::vector<std::string> names, corpus;
  for (const std::string& argument : arguments) {
    absl::string_view value = argument;
    if (absl::ConsumePrefix(&value, "--changes=")) {
      if (!absl::SimpleAtoi(value, &changes)) return 2;
      continue;
    }
    absl::StatusOr<std::string> bytes = ReadFile(argument, kMaxInput);
    if (!bytes.ok()) {
      std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
      return 2;
    }
    names.push_back(argument);
    corpus.push_back(*std::move(bytes));
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus given\n");
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(number, OnAbort);
  Run("nothing", 0, "");
  for (size_t i = 0; i < corpus.size(); ++i) Run(names[i], 0, corpus[i]);
  for (int64_t change = 1; change <= changes; ++change) {
    Run(names[change % corpus.size()], change, Changed(corpus, change));
  }
  std::printf("%zu inputs, %lld changes\n", corpus.size(), static_cast<long long>(changes));
  return 0;
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) { return ssnas::Main({argv + 1, argv + argc}); }
