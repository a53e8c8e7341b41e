#include "ssnas/core/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace ssnas {
namespace {

constexpr int kCells = 20;  // of the bar
constexpr absl::Duration kRedraw = absl::Milliseconds(100);

std::string Bar(double share) {
  const int full = std::clamp(static_cast<int>(std::lround(share * kCells)), 0, kCells);
  std::string bar;
  for (int i = 0; i < kCells; ++i) bar += i < full ? "█" : "░";
  return bar;
}

}  // namespace

class Progress::Impl {
 public:
  Impl(ProgressOptions options, std::string label, int64_t total, int64_t done)
      : options_(options), label_(std::move(label)), total_(total), first_(done), start_(absl::Now()) {}

  ~Impl() { Wipe(); }

  void Update(int64_t step, int64_t images, absl::string_view facts) {
    images_ += images;
    const absl::Time now = absl::Now();
    if (now - shown_ < (options_.terminal ? kRedraw : options_.interval) && step < total_) return;
    if (!options_.terminal && step == total_) return;  // Finish says it
    shown_ = now;
    const std::string line = Line(step, facts, now);
    if (options_.terminal) {
      std::fprintf(options_.out, "\r\x1b[K%s", line.c_str());
      drawn_ = true;
    } else {
      std::fprintf(options_.out, "%s\n", line.c_str());
    }
    std::fflush(options_.out);
  }

  void Finish(absl::string_view facts) {
    Wipe();
    std::fprintf(options_.out, "%s done in %s   %s\n", label_.c_str(),
                 ClockText(absl::Now() - start_).c_str(), std::string(facts).c_str());
    std::fflush(options_.out);
  }

  void Note(absl::string_view line) {
    Wipe();
    std::fprintf(options_.out, "%s\n", std::string(line).c_str());
    std::fflush(options_.out);
  }

  double images_per_second() const {
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start_);
    return seconds > 0 ? static_cast<double>(images_) / seconds : 0;
  }

 private:
  std::string Line(int64_t step, absl::string_view facts, absl::Time now) const {
    const double share = total_ > 0 ? static_cast<double>(step) / static_cast<double>(total_) : 1;
    std::string line = absl::StrFormat("%s %s %3.0f %%  step %d/%d", label_, Bar(share), 100 * share, step, total_);
    if (!facts.empty()) absl::StrAppend(&line, "  ", facts);
    const int64_t made = step - first_;  // in this process: earlier steps say nothing of the rate
    if (made > 0) {
      absl::StrAppend(&line, absl::StrFormat("  %.0f img/s", images_per_second()), "  ETA ",
                      ClockText((now - start_) / made * (total_ - step)));
    }
    return line;
  }

  void Wipe() {
    if (drawn_) std::fprintf(options_.out, "\r\x1b[K");
    drawn_ = false;
  }

  const ProgressOptions options_;
  const std::string label_;
  const int64_t total_, first_;
  const absl::Time start_;
  absl::Time shown_ = absl::InfinitePast();
  int64_t images_ = 0;
  bool drawn_ = false;
};

Progress::Progress(ProgressOptions options, std::string label, int64_t total, int64_t done)
    : impl_(std::make_unique<Impl>(options, std::move(label), total, done)) {}
Progress::~Progress() = default;
void Progress::Update(int64_t step, int64_t images, absl::string_view facts) {
  impl_->Update(step, images, facts);
}
void Progress::Finish(absl::string_view facts) { impl_->Finish(facts); }
void Progress::Note(absl::string_view line) { impl_->Note(line); }
double Progress::images_per_second() const { return impl_->images_per_second(); }

std::string ClockText(absl::Duration duration) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(duration + absl::Milliseconds(500)));
  if (seconds >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

}  // namespace ssnas
