// SIGINT and SIGTERM: asked for once, honoured at the end of the step; a second signal ends at
// once.
#ifndef SSNAS_CORE_SHUTDOWN_H_
#define SSNAS_CORE_SHUTDOWN_H_

namespace ssnas {

// Installs the handlers (SIGINT, SIGTERM; SIGPIPE is ignored).
void InstallShutdownHandlers();
// Signal received, or 0. Async-safe to set, cheap to read.
int ShutdownSignal();
// For tests: as if the signal had come (0 clears it).
void SetShutdownSignal(int signal);

}  // namespace ssnas

#endif  // SSNAS_CORE_SHUTDOWN_H_
