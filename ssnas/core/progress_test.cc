#include "ssnas/core/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace ssnas {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// What progress writes, in a file that nobody sees.
class Screen {
 public:
  Screen() : file_(std::tmpfile(), &std::fclose) {}
  std::FILE* file() { return file_.get(); }
  std::string Text() {
    std::rewind(file_.get());
    std::string text;
    for (int c; (c = std::fgetc(file_.get())) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

int Characters(const std::string& text) {
  int count = 0;
  for (const char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

// The one bar that a terminal of `columns` gets.
std::string BarLine(int columns, int64_t step = 330) {
  Screen screen;
  Progress progress({.out = screen.file(), .terminal = true, .columns = columns}, "[1/6] search",
                    600, 0);
  progress.Update(step, 1000, "NT-Xent 2.914 ↓");
  const std::string text = screen.Text();
  EXPECT_EQ(text.substr(0, 4), "\r\x1b[K");
  return text.substr(4);
}

TEST(Progress, ABarOnATerminal) {
  const std::string line = BarLine(120);
  EXPECT_THAT(
      line, HasSubstr("[1/6] search ███████████░░░░░░░░░  55 %  step 330/600  NT-Xent 2.914 ↓  "));
  EXPECT_THAT(line, MatchesRegex(".*  [0-9]+ img/s  ETA [0-9:]+"));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST(Progress, NoLineIsWiderThanTheTerminal) {
  EXPECT_THAT(BarLine(120), HasSubstr("█"));
  for (int columns = 120; columns > 1; --columns) {
    const std::string line = BarLine(columns);
    EXPECT_LT(Characters(line), columns) << line;
    if (columns < 12) {
      EXPECT_THAT(line, testing::EndsWith("…"));
    }
  }
  EXPECT_THAT(BarLine(60), Not(HasSubstr("░")));
}

TEST(Progress, OnlyTheLastStepIsAHundredPercent) {
  EXPECT_THAT(BarLine(120, 599), HasSubstr(" 99 %"));
  EXPECT_THAT(BarLine(120, 600), HasSubstr("100 %"));
  EXPECT_THAT(BarLine(120, 0), HasSubstr("  0 %  step 0/600"));
}

TEST(Progress, PlainLinesElsewhere) {
  Screen screen;
  {
    Progress progress({.out = screen.file(), .interval = absl::ZeroDuration()}, "[1/6] search", 3,
                      0);
    for (int step = 1; step <= 3; ++step) progress.Update(step, 10, "loss 1");
    progress.Note("a note");
    progress.Finish("loss 1");
  }
  const std::string text = screen.Text();
  for (const char c : text) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ') << int{c};
  }
  EXPECT_THAT(text, Not(HasSubstr("░")));
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0],
              MatchesRegex("\\[1/6\\] search  33 %  step 1/3  loss 1  [0-9]+ img/s  ETA .*"));
  EXPECT_THAT(lines[1], HasSubstr("step 2/3"));
  EXPECT_EQ(lines[2], "a note");
  EXPECT_EQ(lines[3], "[1/6] search done in 0:00   loss 1");
}

TEST(Progress, PlainLinesKeepTheirInterval) {
  Screen screen;
  Progress progress({.out = screen.file(), .interval = absl::Hours(1)}, "x", 1000, 0);
  for (int step = 1; step < 1000; ++step) progress.Update(step, 1, "");
  EXPECT_EQ(std::string(screen.Text()).find("step 2/"), std::string::npos);
}

TEST(Progress, TheBarIsWipedBeforeWhatStays) {
  Screen screen;
  {
    Progress progress({.out = screen.file(), .terminal = true, .columns = 100}, "x", 10, 0);
    progress.Update(5, 1, "");
    progress.Note("note");
    progress.Update(10, 1, "");
    progress.Finish("end");
  }
  EXPECT_THAT(screen.Text(), HasSubstr("\r\x1b[Knote\n"));
  EXPECT_THAT(screen.Text(), HasSubstr("\r\x1b[Kx done in 0:00   end\n"));
}

TEST(Progress, EarlierStepsDoNotCountForTheRate) {
  Screen screen;
  Progress progress({.out = screen.file(), .interval = absl::ZeroDuration()}, "x", 1000000, 900000);
  progress.Update(900000, 0, "");
  EXPECT_THAT(screen.Text(), Not(HasSubstr("ETA")));
  EXPECT_EQ(progress.images_per_second(), 0);
  progress.Finish("");
  EXPECT_THAT(screen.Text(), HasSubstr("x done in 0:00 from step 900000 on"));
}

TEST(Progress, NothingToDoIsDone) {
  Screen screen;
  Progress progress({.out = screen.file(), .terminal = true, .columns = 100}, "x", 0, 0);
  progress.Update(0, 0, "");
  progress.Finish("");
  EXPECT_THAT(screen.Text(), HasSubstr("100 %"));
}

TEST(ClockText, RoundsToSeconds) {
  EXPECT_EQ(ClockText(absl::Seconds(7)), "0:07");
  EXPECT_EQ(ClockText(absl::Milliseconds(59499)), "0:59");
  EXPECT_EQ(ClockText(absl::Milliseconds(59500)), "1:00");
  EXPECT_EQ(ClockText(absl::Seconds(151)), "2:31");
  EXPECT_EQ(ClockText(absl::Seconds(3723)), "1:02:03");
  EXPECT_EQ(ClockText(absl::Seconds(-5)), "0:00");
  EXPECT_EQ(ClockText(absl::Hours(100)), "100:00:00");
}

}  // namespace
}  // namespace ssnas
