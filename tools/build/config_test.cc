// Proves that each --config does what it is for: a fault that it should catch is caught.
#include <gtest/gtest.h>

#include <cassert>
#include <limits>
#include <thread>

namespace {

// Unknown to the optimiser, which would otherwise see each fault when it compiles.
template <typename T>
T Hidden(T value) {
  volatile T hidden = value;
  return hidden;
}

#if defined(__SANITIZE_ADDRESS__)
TEST(ConfigTest, AddressSanitizerFindsAnOverflow) {
  EXPECT_DEATH(
      {
        char* buffer = new char[Hidden(8)];
        buffer[Hidden(8)] = 1;
        EXPECT_EQ(buffer[Hidden(8)], 1);
      },
      "heap-buffer-overflow");
}

TEST(ConfigTest, UndefinedBehaviourEndsTheProgram) {
  EXPECT_DEATH(EXPECT_LT(Hidden(std::numeric_limits<int>::max()) + Hidden(1), 0),
               "signed integer overflow");
}
#endif

#if defined(SSNAS_THREAD_SANITIZER)  // .bazelrc
TEST(ConfigTest, ThreadSanitizerFindsARace) {
  const auto race = [] {
    int shared = 0;
    std::thread writer([&shared] { shared = 1; });
    shared = 2;
    writer.join();
    exit(0);  // ThreadSanitizer makes this a failure when it has seen a race.
  };
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(race(), "data race");
}
#endif

TEST(ConfigTest, AssertIsOffUnlessDebugging) {
#if defined(NDEBUG)
  assert(false && "compiled out");
#else
  EXPECT_DEATH(assert(Hidden(false)), "Assertion");
#endif
}

TEST(ConfigTest, IsTheLanguageThatTheCodeIsWrittenIn) { EXPECT_GE(__cplusplus, 202002L); }

}  // namespace
