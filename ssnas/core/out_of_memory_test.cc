#include "ssnas/core/out_of_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <thread>
#include <vector>

#include "ssnas/core/exit_code.h"

namespace ssnas {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

// More than the limit below: this `new` fails, without the machine being short of memory.
void TakeFourGigabytes() {
  const rlimit limit = {.rlim_cur = rlim_t{2} << 30, .rlim_max = rlim_t{2} << 30};
  setrlimit(RLIMIT_AS, &limit);
  const std::vector<char> memory(size_t{4} << 30);
  _exit(memory[1]);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(SSNAS_THREAD_SANITIZER)  // They replace `new`.
TEST(OutOfMemoryDeathTest, EndsWithFiveAndTheAdvice) {
  EXPECT_EXIT(
      {
        ExitWhenOutOfMemory();
        SetMemoryAdvice("search needs 9 GB. To need less: --set search.batch=8.");
        TakeFourGigabytes();
      },
      ExitedWithCode(5), "^out of memory.\nsearch needs 9 GB. .*search.batch=8.\nWhat was saved");
}

TEST(OutOfMemoryDeathTest, AlsoInAnotherThread) {
  EXPECT_EXIT(
      {
        ExitWhenOutOfMemory();
        std::thread(TakeFourGigabytes).join();
      },
      ExitedWithCode(5), "out of memory");
}
#endif

TEST(OutOfMemoryTest, AStatusGetsAreaAndAdvice) {
  SetMemoryAdvice("To need less: --set search.batch=8.");
  const absl::Status status = ExplainOutOfMemory(absl::ResourceExhaustedError("block 'stem'"));
  EXPECT_EQ(ExitCode(status), 5);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("out of memory: block 'stem'\nTo need less: --set search.batch=8.\n"));
}

TEST(OutOfMemoryTest, OtherErrorsStayAsTheyAre) {
  const absl::Status disk =
      InArea(ErrorArea::kResources, absl::ResourceExhaustedError("no space left on device"));
  for (const absl::Status& status :
       {disk, absl::InternalError("a fault"), absl::OkStatus(), StoppedStatus()}) {
    EXPECT_EQ(ExplainOutOfMemory(status), status);
  }
}

TEST(OutOfMemoryTest, AdviceOfAnyLengthIsCutToItsPlace) {
  SetMemoryAdvice(std::string(5000, 'x'));
  const absl::Status status = ExplainOutOfMemory(absl::ResourceExhaustedError("block"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\n" + std::string(1023, 'x') + "\n"));
  SetMemoryAdvice("");
}

}  // namespace
}  // namespace ssnas
