#include "ssnas/core/fail_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ssnas {
namespace {

struct State {
  std::atomic<int64_t> calls{0};
  std::atomic<int64_t> at{0};  // 0: not armed
  std::atomic<bool> onwards{false};
  std::atomic<Fault> fault{Fault::kNone};
};

struct FaultName {
  const char* name;
  Fault fault;
};
constexpr FaultName kNames[] = {{"enospc", Fault::kNoSpace},
                                {"eio", Fault::kIoError},
                                {"short", Fault::kShortWrite},
                                {"eintr", Fault::kInterrupted},
                                {"kill", Fault::kKill}};

void PrintCalls() {
  std::fprintf(stderr, "SSNAS_FAIL_POINT: %lld calls\n", static_cast<long long>(FaultCalls()));
}

// "kill@17", "enospc@3+" or "count"; false when it is neither.
bool ArmFromText(const char* text, State& state) {
  if (std::strcmp(text, "count") == 0) return std::atexit(PrintCalls) == 0;
  const char* at = std::strchr(text, '@');
  if (at == nullptr) return false;
  const size_t length = at - text;
  for (const FaultName& known : kNames) {
    if (std::strlen(known.name) != length || std::strncmp(known.name, text, length) != 0) continue;
    char* end = nullptr;
    const int64_t call = std::strtoll(at + 1, &end, 10);
    state.onwards = std::strcmp(end, "+") == 0;
    state.fault = known.fault;
    state.at = call;
    return call > 0 && (*end == '\0' || state.onwards);
  }
  return false;
}

// Armed from the environment on first use; never destroyed.
State& TheState() {
  static State* const state = [] {
    auto* made = new State;
    const char* text = std::getenv("SSNAS_FAIL_POINT");
    if (text != nullptr && *text != '\0' && !ArmFromText(text, *made)) {
      std::fprintf(stderr,
                   "SSNAS_FAIL_POINT=%s: expected count or <fault>@<call>[+], such as kill@17.\n",
                   text);
      _exit(2);
    }
    return made;
  }();
  return *state;
}

}  // namespace

void ArmFault(Fault fault, int64_t call, bool onwards) {
  State& state = TheState();
  state.calls = 0;
  state.fault = fault;
  state.onwards = onwards;
  state.at = fault == Fault::kNone ? 0 : call;
}

int64_t FaultCalls() { return TheState().calls; }

Fault NextFault() {
  State& state = TheState();
  const int64_t call = ++state.calls;
  const int64_t at = state.at;
  const bool hit = call == at || (at > 0 && call > at && state.onwards);
  if (!hit) return Fault::kNone;
  if (state.fault == Fault::kKill) {
    kill(getpid(), SIGKILL);
    while (true) pause();
  }
  return state.fault;
}

}  // namespace ssnas
