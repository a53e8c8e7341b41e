// Progress of long work: one bar with ETA on a terminal, a plain line every few seconds elsewhere.
//
//   [1/6] search       ███████████░░░░░░░░░  55 %  step 330/600  NT-Xent 2.914  812 img/s  ETA 1:12
//
// The bar shrinks, and at last the line is cut, so that it never wraps; lines elsewhere have no bar
// and no control characters. Rate and ETA count only what this process did. Not thread-safe.
#ifndef SSNAS_CORE_PROGRESS_H_
#define SSNAS_CORE_PROGRESS_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ssnas {

struct ProgressOptions {
  std::FILE* out = stdout;
  bool terminal = false;                       // isatty(out): the caller decides
  absl::Duration interval = absl::Seconds(5);  // between plain lines
  int columns = 0;  // of the terminal; 0: asked of it at each line, so that resizing works
};

class Progress {
 public:
  // `label` is "[1/6] search"; `total` steps, of which `done` were there before (a resume: they do
  // not count for the rate).
  Progress(ProgressOptions options, std::string label, int64_t total, int64_t done);
  ~Progress();

  // `facts` is shown after the step count ("NT-Xent 2.914"); `images` is the count this call adds.
  void Update(int64_t step, int64_t images, absl::string_view facts);
  // Wipes the bar and leaves one line: "<label> done in 2:31   <facts>"; a resumed one says from
  // which step on.
  void Finish(absl::string_view facts);
  // Prints a line above the bar.
  void Note(absl::string_view line);
  double images_per_second() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "0:07", "2:31", "1:02:03".
std::string ClockText(absl::Duration duration);

}  // namespace ssnas

#endif  // SSNAS_CORE_PROGRESS_H_
