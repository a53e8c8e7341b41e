// Faults on purpose: every system call that changes the disk asks here first.
//
// Tests arm the k-th call from now on to fail as the kernel would, or to kill the process before it. Programs take the
// same from the environment (SSNAS_FAIL_POINT=kill@17, enospc@3, eio@3, short@5, eintr@2), so that an end-to-end test
// can die at every call. Costs one atomic increment a call when nothing is armed.
#ifndef SSNAS_CORE_FAIL_POINT_H_
#define SSNAS_CORE_FAIL_POINT_H_

#include <cstdint>

namespace ssnas {

enum class Fault { kNone, kNoSpace, kIoError, kShortWrite, kInterrupted, kKill };

// The `call`-th call (from 1) of NextFault from now on gives `fault`; kNone disarms.
void ArmFault(Fault fault, int64_t call);
// Calls since the last ArmFault.
int64_t FaultCalls();
// What the system call about to be made should pretend. Does not return for kKill (SIGKILL).
Fault NextFault();

}  // namespace ssnas

#endif  // SSNAS_CORE_FAIL_POINT_H_
