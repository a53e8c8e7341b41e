// Faults on purpose: every system call that changes the disk, opens a file or reads one asks here
// first.
//
// Tests arm the k-th call from now on to fail as the kernel would, or to kill the process before
// it. Programs take the same from the environment, so that an end-to-end test can die at every
// call:
//   SSNAS_FAIL_POINT=kill@17   enospc@3   eio@3   short@5   eintr@2   enospc@3+ (from the third on)
//   SSNAS_FAIL_POINT=count     says at exit how many there were
// Costs one atomic increment a call when nothing is armed. Thread-safe.
#ifndef SSNAS_CORE_FAIL_POINT_H_
#define SSNAS_CORE_FAIL_POINT_H_

#include <cstdint>

namespace ssnas {

enum class Fault { kNone, kNoSpace, kIoError, kShortWrite, kInterrupted, kKill };

// The `call`-th call (from 1) of NextFault from now on gives `fault`, and with `onwards` every
// later one too (a disk that stays full); kNone disarms.
void ArmFault(Fault fault, int64_t call, bool onwards = false);
// Calls since the last ArmFault.
int64_t FaultCalls();
// What the system call about to be made should pretend. Does not return for kKill (SIGKILL).
// A SSNAS_FAIL_POINT that cannot be read ends the process: a test must not believe it was armed.
Fault NextFault();

}  // namespace ssnas

#endif  // SSNAS_CORE_FAIL_POINT_H_
