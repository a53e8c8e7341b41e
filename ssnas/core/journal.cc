#include "ssnas/core/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/fail_point.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/tensorboard.h"

namespace ssnas {
namespace {

// An open file that lines are appended to.
class Appender {
 public:
  Appender() = default;
  Appender(Appender&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), length_(other.length_) {}
  Appender& operator=(Appender&& other) noexcept {
    std::swap(fd_, other.fd_);
    path_ = std::move(other.path_);
    length_ = other.length_;
    return *this;
  }
  ~Appender() {
    if (fd_ >= 0) close(fd_);
  }

  // Cuts the file to `length` first, unless that is negative.
  static absl::StatusOr<Appender> Open(const std::string& path, int64_t length) {
    Appender file;
    file.path_ = path;
    file.fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    struct stat facts{};
    if (file.fd_ < 0 || fstat(file.fd_, &facts) != 0) return file.Error("open");
    if (length > facts.st_size) {
      return absl::DataLossError(absl::StrCat(path, " has ", facts.st_size, " bytes, the checkpoint knows of ",
                                              length, ". Use another --output_dir, or --overwrite."));
    }
    file.length_ = length < 0 ? facts.st_size : length;
    if (length >= 0 && ftruncate(file.fd_, length) != 0) return file.Error("cut");
    if (lseek(file.fd_, file.length_, SEEK_SET) < 0) return file.Error("seek in");
    return file;
  }

  absl::Status Append(absl::string_view bytes) {
    while (!bytes.empty()) {
      if (NextFault() == Fault::kNoSpace) {
        errno = ENOSPC;
        return Error("write");
      }
      const ssize_t count = write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Error("write");
      bytes.remove_prefix(count);
      length_ += count;
    }
    return absl::OkStatus();
  }

  absl::Status Sync() {
    while (fsync(fd_) != 0) {
      if (errno != EINTR) return Error("sync");
    }
    return absl::OkStatus();
  }

  uint64_t length() const { return length_; }

 private:
  absl::Status Error(const char* what) const {
    const std::string text = absl::StrCat("cannot ", what, " ", path_, ": ", std::strerror(errno));
    return errno == ENOSPC ? absl::ResourceExhaustedError(text) : absl::UnavailableError(text);
  }

  int fd_ = -1;
  std::string path_;
  int64_t length_ = 0;
};

class FileJournal : public Journal {
 public:
  FileJournal(Appender metrics, Appender timings, Appender events)
      : metrics_(std::move(metrics)), timings_(std::move(timings)), events_(std::move(events)) {}

  absl::Status Metric(const nlohmann::ordered_json& line) override {
    SSNAS_RETURN_IF_ERROR(metrics_.Append(line.dump() + "\n"));
    return Event(line);
  }

  absl::Status Timing(const nlohmann::ordered_json& line) override {
    SSNAS_RETURN_IF_ERROR(timings_.Append(line.dump() + "\n"));
    return Event(line);
  }

  absl::StatusOr<uint64_t> Sync() override {
    SSNAS_RETURN_IF_ERROR(metrics_.Sync());
    SSNAS_RETURN_IF_ERROR(timings_.Sync());
    return metrics_.length();
  }

 private:
  absl::Status Event(const nlohmann::ordered_json& line) {
    const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
    const int64_t step = line.value("step", int64_t{0});
    std::string records;
    for (const auto& [key, value] : line.items()) {
      if (!value.is_number() || key == "step") continue;
      records += TensorBoardScalar(now, step, key, value.get<float>());
    }
    return events_.Append(records);
  }

  Appender metrics_, timings_, events_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& folder, uint64_t metrics_bytes) {
  SSNAS_ASSIGN_OR_RETURN(Appender metrics, Appender::Open(JoinPath(folder, "metrics.jsonl"),
                                                          static_cast<int64_t>(metrics_bytes)));
  SSNAS_ASSIGN_OR_RETURN(Appender timings, Appender::Open(JoinPath(folder, "timings.jsonl"), -1));
  const absl::Time now = absl::Now();
  SSNAS_ASSIGN_OR_RETURN(
      Appender events, Appender::Open(JoinPath(folder, absl::StrCat("events.out.tfevents.", absl::ToUnixSeconds(now),
                                                                    ".", getpid(), ".ssnas")),
                                      -1));
  SSNAS_RETURN_IF_ERROR(events.Append(TensorBoardHeader(absl::ToDoubleSeconds(now - absl::UnixEpoch()))));
  return std::make_unique<FileJournal>(std::move(metrics), std::move(timings), std::move(events));
}

}  // namespace ssnas
