// A stage's trainee before its first step, for whoever times its steps.
#ifndef SSNAS_TRAINING_BUDGET_TIMED_TRAINEE_H_
#define SSNAS_TRAINING_BUDGET_TIMED_TRAINEE_H_

#include <cstdint>
#include <memory>

#include "ssnas/training/step_loop.h"

namespace ssnas {

struct TimedTrainee {
  std::unique_ptr<Trainee> trainee;
  int64_t steps_per_epoch = 1;
};

}  // namespace ssnas

#endif  // SSNAS_TRAINING_BUDGET_TIMED_TRAINEE_H_
