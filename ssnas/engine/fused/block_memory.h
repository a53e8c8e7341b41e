// What a program takes during a step, counted from its layout and schedules.
#ifndef SSNAS_ENGINE_FUSED_BLOCK_MEMORY_H_
#define SSNAS_ENGINE_FUSED_BLOCK_MEMORY_H_

#include <cstdint>

#include "ssnas/engine/block.h"
#include "ssnas/engine/fused/layout.h"
#include "ssnas/engine/fused/program.h"
#include "ssnas/engine/fused/schedule.h"

namespace ssnas::fused {

// With all gradients. Not counted: each thread's scratch, one to three megabytes.
BlockMemory CountMemory(const Program& program, const Layout& layout, Recompute recompute);

// Floats of a buffer, for all images.
int64_t BufferFloats(const Layout& layout, const BufferUse& use);

// How schedules cut a block of this layout.
ScheduleOptions OptionsFor(const Program& program, const Layout& layout, Recompute recompute);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_BLOCK_MEMORY_H_
