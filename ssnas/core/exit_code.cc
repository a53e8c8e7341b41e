#include "ssnas/core/exit_code.h"

#include <csignal>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/shutdown.h"

namespace ssnas {
namespace {

constexpr char kAreaUrl[] = "ssnas/area";
constexpr char kSignalUrl[] = "ssnas/signal";

int Payload(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  int value = 0;
  if (payload.has_value() && absl::SimpleAtoi(std::string(*payload), &value)) return value;
  return 0;
}

}  // namespace

absl::Status InArea(ErrorArea area, absl::Status status) {
  if (!status.ok() && !status.GetPayload(kAreaUrl).has_value()) {
    status.SetPayload(kAreaUrl, absl::Cord(absl::StrCat(static_cast<int>(area))));
  }
  return status;
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (const int signal = Payload(status, kSignalUrl); signal != 0) return 128 + signal;
  if (const int area = Payload(status, kAreaUrl); area != 0) return area;
  return 1;
}

absl::Status StoppedStatus() {
  const int signal = ShutdownSignal() == 0 ? SIGINT : ShutdownSignal();
  absl::Status status =
      absl::CancelledError("stopped as asked; the same command goes on from there");
  status.SetPayload(kSignalUrl, absl::Cord(absl::StrCat(signal)));
  return status;
}

}  // namespace ssnas
