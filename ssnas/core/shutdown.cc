#include "ssnas/core/shutdown.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace ssnas {
namespace {

// Lock-free, so that a handler may write it.
std::atomic<int> received_signal{0};

void HandleSignal(int signal) {
  const int saved_errno = errno;  // of the code that was interrupted
  if (received_signal.exchange(signal) != 0) _exit(128 + signal);
  constexpr char kText[] = "\nstopping after this step …\n";
  // Nothing can be done when the terminal is gone.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText, sizeof(kText) - 1);
  errno = saved_errno;
}

}  // namespace

void InstallShutdownHandlers() {
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int ShutdownSignal() { return received_signal.load(std::memory_order_relaxed); }

void SetShutdownSignal(int signal) { received_signal = signal; }

}  // namespace ssnas
