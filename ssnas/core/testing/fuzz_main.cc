// Runs a fuzz target over its corpus and over random damage of it, the same in every run.
//
//   target [--changes=N] [--dictionary=FILE] FILE…
//
// The dictionary has words of the format in libFuzzer's notation, name="\x89PNG", for the damage.
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

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "ssnas/core/file.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ssnas {
namespace {

constexpr int64_t kMaxInput = 1 << 20;
constexpr size_t kMaxWord = 64;  // libFuzzer's

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

struct Inputs {
  std::vector<std::string> names, corpus, words;
};

// What stands between the quotes of a dictionary's line, whose escapes are \\, \" and \xHH: of two
// digits, unlike C's. False: it cannot be read.
bool Unescape(absl::string_view text, std::string* word) {
  while (!text.empty()) {
    char c = text[0];
    text.remove_prefix(1);
    if (c == '"') return false;
    if (c == '\\') {
      const bool hex = absl::ConsumePrefix(&text, "x");
      uint32_t code = 0;
      if (text.size() < (hex ? 2 : 1)) return false;
      if (hex ? !absl::SimpleHexAtoi(text.substr(0, 2), &code)
              : text[0] != '"' && text[0] != '\\') {
        return false;
      }
      c = hex ? static_cast<char>(code) : text[0];
      text.remove_prefix(hex ? 2 : 1);
    }
    word->push_back(c);
  }
  return !word->empty() && word->size() <= kMaxWord;
}

// The words of a dictionary; the error names the line that libFuzzer would not take.
absl::StatusOr<std::vector<std::string>> ReadDictionary(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxInput));
  std::vector<std::string> words;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::string_view rest = absl::StripAsciiWhitespace(line);
    if (rest.empty() || rest[0] == '#') continue;
    rest.remove_prefix(std::min(rest.find('"'), rest.size()));
    std::string word;
    if (!absl::ConsumePrefix(&rest, "\"") || !absl::ConsumeSuffix(&rest, "\"") ||
        !Unescape(rest, &word)) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": no word: ", line));
    }
    words.push_back(word);
  }
  return words;
}

// One to four edits: bytes set, bits flipped, pieces removed, doubled, taken from another input,
// words of the dictionary put in.
std::string Changed(const Inputs& inputs, int64_t change) {
  const std::vector<std::string>& corpus = inputs.corpus;
  Philox random({.seed = 1, .purpose = Purpose::kTest, .sample = static_cast<uint64_t>(change)});
  std::string text = corpus[change % corpus.size()];
  for (uint64_t edits = 1 + random.Below(4); edits > 0; --edits) {
    const std::string& other = corpus[random.Below(corpus.size())];
    const size_t at = random.Below(text.size() + 1);
    const size_t from = random.Below(other.size() + 1);
    const size_t length = 1 + random.Below(24);
    switch (random.Below(inputs.words.empty() ? 5 : 6)) {
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
      case 4:
        text.replace(at, length, other, from, length);
        break;
      default:
        text.insert(at, inputs.words[random.Below(inputs.words.size())]);
        break;
    }
  }
  return text;
}

absl::Status ReadInputs(const std::vector<std::string>& arguments, Inputs* inputs,
                        int64_t* changes) {
  for (const std::string& argument : arguments) {
    absl::string_view value = argument;
    if (absl::ConsumePrefix(&value, "--changes=")) {
      if (!absl::SimpleAtoi(value, changes)) return absl::InvalidArgumentError(argument);
    } else if (absl::ConsumePrefix(&value, "--dictionary=")) {
      SSNAS_ASSIGN_OR_RETURN(inputs->words, ReadDictionary(std::string(value)));
    } else {
      SSNAS_ASSIGN_OR_RETURN(inputs->corpus.emplace_back(), ReadFile(argument, kMaxInput));
      inputs->names.push_back(argument);
    }
  }
  return inputs->corpus.empty() ? absl::InvalidArgumentError("no corpus given") : absl::OkStatus();
}

int Main(const std::vector<std::string>& arguments) {
  int64_t changes = 2000;
  Inputs inputs;
  const absl::Status read = ReadInputs(arguments, &inputs, &changes);
  if (!read.ok()) {
    std::fprintf(stderr, "%s\n", read.ToString().c_str());
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(number, OnAbort);
  Run("nothing", 0, "");
  const size_t count = inputs.corpus.size();
  for (size_t i = 0; i < count; ++i) Run(inputs.names[i], 0, inputs.corpus[i]);
  for (int64_t change = 1; change <= changes; ++change) {
    Run(inputs.names[change % count], change, Changed(inputs, change));
  }
  std::printf("%zu inputs, %zu words, %lld changes\n", count, inputs.words.size(),
              static_cast<long long>(changes));
  return 0;
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) { return ssnas::Main({argv + 1, argv + argc}); }
