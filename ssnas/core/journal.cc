#include "ssnas/core/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"
#include "ssnas/core/tensorboard.h"

namespace ssnas {
namespace {

double Now() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

// An open file that lines are appended to.
class Appender {
 public:
  Appender() = default;
  Appender(Appender&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), length_(other.length_) {}
  ~Appender() {
    if (fd_ >= 0) close(fd_);
  }

  // Cuts the file to `length` bytes, at which a line must end.
  static absl::StatusOr<Appender> OpenCutTo(const std::string& path, uint64_t length) {
    SSNAS_ASSIGN_OR_RETURN(Appender file, OpenFile(path));
    if (length > file.length_) {
      return absl::DataLossError(absl::StrCat(
          path, " has ", file.length_, " bytes, the checkpoint knows of ", length,
          ": it was changed. Use another --output_dir, or --overwrite to delete that run."));
    }
    SSNAS_ASSIGN_OR_RETURN(const uint64_t line_end, file.LastLineEnd(length));
    if (line_end != length) {
      return absl::DataLossError(
          absl::StrCat(path, " has no end of line at byte ", length,
                       ", where the checkpoint knows of one: it was "
                       "changed. Use another --output_dir, or --overwrite to delete that run."));
    }
    SSNAS_RETURN_IF_ERROR(file.Cut(length));
    return file;
  }

  // Cuts off a last line that a kill left unfinished.
  static absl::StatusOr<Appender> OpenCutToLine(const std::string& path) {
    SSNAS_ASSIGN_OR_RETURN(Appender file, OpenFile(path));
    SSNAS_ASSIGN_OR_RETURN(const uint64_t line_end, file.LastLineEnd(file.length_));
    SSNAS_RETURN_IF_ERROR(file.Cut(line_end));
    return file;
  }

  absl::Status Append(absl::string_view bytes) {
    SSNAS_RETURN_IF_ERROR(WriteAll(fd_, path_, bytes));
    length_ += bytes.size();
    return absl::OkStatus();
  }

  absl::Status Sync() const { return SyncDescriptor(fd_, path_); }

  uint64_t length() const { return length_; }

 private:
  static absl::StatusOr<Appender> OpenFile(const std::string& path) {
    Appender file;
    file.path_ = path;
    file.fd_ = GuardedCall(
        [&] { return open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666); });
    struct stat facts {};
    if (file.fd_ < 0 || fstat(file.fd_, &facts) != 0) return ErrnoStatus("open", path, errno);
    file.length_ = facts.st_size;
    return file;
  }

  absl::Status Cut(uint64_t length) {
    if (length == length_) return absl::OkStatus();
    if (GuardedCall([&] { return ftruncate(fd_, static_cast<off_t>(length)); }) != 0) {
      return ErrnoStatus("cut", path_, errno);
    }
    length_ = length;
    return absl::OkStatus();
  }

  // Where the last whole line of the first `length` bytes ends; 0 when there is none.
  absl::StatusOr<uint64_t> LastLineEnd(uint64_t length) const {
    char block[4096];
    while (length > 0) {
      const uint64_t first = length - std::min<uint64_t>(length, sizeof(block));
      const ssize_t count = pread(fd_, block, length - first, static_cast<off_t>(first));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return ErrnoStatus("read", path_, count < 0 ? errno : EIO);
      const size_t newline = absl::string_view(block, count).rfind('\n');
      if (newline != absl::string_view::npos) return first + newline + 1;
      length = first;
    }
    return 0;
  }

  int fd_ = -1;
  std::string path_;
  uint64_t length_ = 0;
};

class FileJournal : public Journal {
 public:
  FileJournal(Appender metrics, Appender timings, Appender events)
      : metrics_(std::move(metrics)), timings_(std::move(timings)), events_(std::move(events)) {}

  absl::Status Metric(const nlohmann::ordered_json& line) override {
    return InArea(ErrorArea::kRunFolder, AppendLine(line, metrics_));
  }

  absl::Status Timing(const nlohmann::ordered_json& line) override {
    return InArea(ErrorArea::kRunFolder, AppendLine(line, timings_));
  }

  absl::StatusOr<uint64_t> Sync() override {
    for (const Appender* file : {&metrics_, &timings_, &events_}) {
      const absl::Status synced = file->Sync();
      if (!synced.ok()) return InArea(ErrorArea::kRunFolder, synced);
    }
    return metrics_.length();
  }

 private:
  absl::Status AppendLine(const nlohmann::ordered_json& line, Appender& file) {
    SSNAS_RETURN_IF_ERROR(file.Append(JsonLine(line) + "\n"));
    return Event(line);
  }

  absl::Status Event(const nlohmann::ordered_json& line) {
    const double now = Now();
    const int64_t step = IntField(line, "step").value_or(0);
    std::string records;
    for (const auto& [key, value] : line.items()) {
      if (!value.is_number() || key == "step") continue;
      records += TensorBoardScalar(now, step, key, value.get<float>());
    }
    if (!started_ && !records.empty()) {
      // A resumed run makes some steps again: what an earlier file says of them is dropped.
      records.insert(0, TensorBoardStart(now, step));
      started_ = true;
    }
    return events_.Append(records);
  }

  Appender metrics_, timings_, events_;
  bool started_ = false;
};

std::string EventFileName() {
  return absl::StrCat("events.out.tfevents.", static_cast<int64_t>(Now()), ".", getpid(), ".ssnas");
}

absl::StatusOr<std::unique_ptr<Journal>> OpenFiles(const std::string& folder,
                                                   uint64_t metrics_bytes) {
  SSNAS_ASSIGN_OR_RETURN(Appender metrics,
                         Appender::OpenCutTo(JoinPath(folder, "metrics.jsonl"), metrics_bytes));
  SSNAS_ASSIGN_OR_RETURN(Appender timings,
                         Appender::OpenCutToLine(JoinPath(folder, "timings.jsonl")));
  SSNAS_ASSIGN_OR_RETURN(Appender events,
                         Appender::OpenCutTo(JoinPath(folder, EventFileName()), 0));
  SSNAS_RETURN_IF_ERROR(events.Append(TensorBoardHeader(Now())));
  SSNAS_RETURN_IF_ERROR(SyncFolder(folder));
  return std::make_unique<FileJournal>(std::move(metrics), std::move(timings), std::move(events));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& folder,
                                                       uint64_t metrics_bytes) {
  auto journal = OpenFiles(folder, metrics_bytes);
  if (!journal.ok()) return InArea(ErrorArea::kRunFolder, journal.status());
  return journal;
}

}  // namespace ssnas
