// How much of a block's forward pass an engine computes again in the backward pass rather than
// keeps. Changes memory and time, and no bit of any result.
//
// States, means and deviations are kept in any case. The first stage of an operation is what one
// more convolution of it reads: sep_conv's first depthwise → pointwise.
#ifndef SSNAS_ENGINE_RECOMPUTE_H_
#define SSNAS_ENGINE_RECOMPUTE_H_

#include <array>
#include <optional>
#include <string>

namespace ssnas {

enum class Recompute {
  kNothing,     // every value before its norm is kept
  kFirstStage,  // all are kept but those of first stages
  kAll,         // none is
};

inline constexpr std::array<Recompute, 3> kRecomputeLevels = {
    Recompute::kNothing, Recompute::kFirstStage, Recompute::kAll};

// "nothing", "first_stage", "all".
inline std::string RecomputeName(Recompute recompute) {
  switch (recompute) {
    case Recompute::kNothing:
      return "nothing";
    case Recompute::kFirstStage:
      return "first_stage";
    case Recompute::kAll:
      break;
  }
  return "all";
}

// Of such a name; none where no level has it.
inline std::optional<Recompute> RecomputeByName(const std::string& name) {
  for (const Recompute level : kRecomputeLevels) {
    if (RecomputeName(level) == name) return level;
  }
  return std::nullopt;
}

}  // namespace ssnas

#endif  // SSNAS_ENGINE_RECOMPUTE_H_
