#include "ssnas/core/progress.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ssnas {
namespace {

constexpr int kBarCells = 20;
constexpr int kLeastBarCells = 5;  // a shorter one says nothing
constexpr int kUsualColumns = 80;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr char kWipe[] = "\r\x1b[K";

// Since some fixed instant; unlike the time of day, it never jumps.
absl::Duration Elapsed() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

std::string Bar(double share, int cells) {
  const int full = std::clamp(static_cast<int>(std::lround(share * cells)), 0, cells);
  std::string bar;
  for (int i = 0; i < cells; ++i) bar += i < full ? "█" : "░";
  return bar;
}

bool StartsCharacter(char byte) { return (byte & 0xC0) != 0x80; }

// Columns that the text takes: one a character, as all of ours are narrow.
int Columns(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

// At most `columns` of the text, the last of them "…" where it is cut.
std::string Fit(const std::string& text, int columns) {
  if (Columns(text) <= columns) return text;
  size_t end = 0;
  for (int taken = 0; end < text.size(); ++end) {
    if (StartsCharacter(text[end]) && ++taken == columns) break;
  }
  return absl::StrCat(absl::string_view(text).substr(0, end), "…");
}

int TerminalColumns(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

}  // namespace

class Progress::Impl {
 public:
  Impl(ProgressOptions options, std::string label, int64_t total, int64_t done)
      : options_(options),
        label_(std::move(label)),
        total_(total),
        first_(done),
        start_(Elapsed()) {}

  ~Impl() {
    Wipe();
    std::fflush(options_.out);
  }

  void Update(int64_t step, int64_t images, absl::string_view facts) {
    images_ += images;
    if (!options_.terminal && step >= total_) return;  // Finish says it
    const absl::Duration now = Elapsed();
    const absl::Duration interval = options_.terminal ? kRedraw : options_.interval;
    if (now - shown_ < interval && step < total_) return;
    shown_ = now;
    if (options_.terminal) {
      std::fprintf(options_.out, "%s%s", kWipe, TerminalLine(step, facts, now).c_str());
      drawn_ = true;
    } else {
      std::fprintf(options_.out, "%s %s\n", label_.c_str(), Text(step, facts, now).c_str());
    }
    std::fflush(options_.out);
  }

  void Finish(absl::string_view facts) {
    const std::string from = first_ > 0 ? absl::StrCat(" from step ", first_, " on") : "";
    Print(absl::StrCat(label_, " done in ", ClockText(Elapsed() - start_), from, "   ", facts));
  }

  void Print(absl::string_view line) {
    Wipe();
    std::fprintf(options_.out, "%s\n", std::string(line).c_str());
    std::fflush(options_.out);
  }

  double images_per_second() const {
    const double seconds = absl::ToDoubleSeconds(Elapsed() - start_);
    return seconds > 0 ? static_cast<double>(images_) / seconds : 0;
  }

 private:
  double Share(int64_t step) const {
    return total_ > 0 ? static_cast<double>(step) / static_cast<double>(total_) : 1;
  }

  // " 55 %  step 330/600  NT-Xent 2.914  812 img/s  ETA 1:12"
  std::string Text(int64_t step, absl::string_view facts, absl::Duration now) const {
    // Rounded down: 100 % is said of nothing that is not finished.
    const double percent = std::floor(100 * Share(step));
    std::string text = absl::StrFormat("%3.0f %%  step %d/%d", percent, step, total_);
    if (!facts.empty()) absl::StrAppend(&text, "  ", facts);
    const int64_t made = step - first_;  // in this process: earlier steps say nothing of the rate
    if (made <= 0) return text;
    return absl::StrCat(text, absl::StrFormat("  %.0f img/s", images_per_second()), "  ETA ",
                        ClockText((now - start_) / made * (total_ - step)));
  }

  std::string TerminalLine(int64_t step, absl::string_view facts, absl::Duration now) const {
    const std::string text = Text(step, facts, now);
    // A character in the last column makes some terminals wrap.
    const int columns =
        (options_.columns > 0 ? options_.columns : TerminalColumns(options_.out)) - 1;
    const int cells = std::min(kBarCells, columns - Columns(label_) - Columns(text) - 2);
    const std::string bar =
        cells < kLeastBarCells ? "" : absl::StrCat(Bar(Share(step), cells), " ");
    return Fit(absl::StrCat(label_, " ", bar, text), columns);
  }

  void Wipe() {
    if (drawn_) std::fputs(kWipe, options_.out);
    drawn_ = false;
  }

  const ProgressOptions options_;
  const std::string label_;
  const int64_t total_, first_;
  const absl::Duration start_;
  absl::Duration shown_ = -absl::InfiniteDuration();
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
void Progress::Note(absl::string_view line) { impl_->Print(line); }
double Progress::images_per_second() const { return impl_->images_per_second(); }

std::string ClockText(absl::Duration duration) {
  const int64_t seconds =
      std::max<int64_t>(0, absl::ToInt64Seconds(duration + absl::Milliseconds(500)));
  if (seconds >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

}  // namespace ssnas
