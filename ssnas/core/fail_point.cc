#include "ssnas/core/fail_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace ssnas {
namespace {

struct State {
  std::atomic<int64_t> calls{0};
  std::atomic<int64_t> at{0};  // 0: not armed
  std::atomic<Fault> fault{Fault::kNone};
};

Fault FaultOfName(const std::string& name) {
  if (name == "enospc") return Fault::kNoSpace;
  if (name == "eio") return Fault::kIoError;
  if (name == "short") return Fault::kShortWrite;
  if (name == "eintr") return Fault::kInterrupted;
  if (name == "kill") return Fault::kKill;
  return Fault::kNone;
}

// Armed from the environment on first use.
State& TheState() {
  static State* const state = [] {
    auto* made = new State;
    if (const char* text = std::getenv("SSNAS_FAIL_POINT")) {
      const std::string value = text;
      const size_t at = value.find('@');
      if (at != std::string::npos) {
        made->fault = FaultOfName(value.substr(0, at));
        made->at = std::strtoll(value.c_str() + at + 1, nullptr, 10);
      }
    }
    return made;
  }();
  return *state;
}

}  // namespace

void ArmFault(Fault fault, int64_t call) {
  State& state = TheState();
  state.calls = 0;
  state.fault = fault;
  state.at = fault == Fault::kNone ? 0 : call;
}

int64_t FaultCalls() { return TheState().calls; }

Fault NextFault() {
  State& state = TheState();
  if (++state.calls != state.at) return Fault::kNone;
  if (state.fault == Fault::kKill) kill(getpid(), SIGKILL);
  return state.fault;
}

}  // namespace ssnas
