#include "ssnas/datasets/image_folder/folder_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"
#include "ssnas/core/utf8.h"
#include "ssnas/datasets/image_folder/image_decoder.h"

namespace ssnas {
namespace {

constexpr int kMaxDepth = 64;  // folders in folders
constexpr size_t kMaxFiles = 10'000'000;
constexpr size_t kSignatureBytes = 12;

std::string Problem(absl::string_view what, int error) {
  return absl::StrCat(what, ": ", std::generic_category().message(error));
}

int OpenAt(int folder, const std::string& name, int flags) {
  int fd;
  do {
    fd = openat(folder, name.c_str(), flags | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool HasImageName(absl::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == absl::string_view::npos) return false;
  const std::string ending = absl::AsciiStrToLower(name.substr(dot + 1));
  for (const char* known : {"jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif",
                            "tiff", "heic", "heif", "avif", "jp2", "jxl"}) {
    if (ending == known) return true;
  }
  return false;
}

// Fills a listing, folder by folder.
class Walker {
 public:
  // Takes the descriptor. `prefix` is the folder's path below the root, with a / at its end.
  absl::Status Walk(int fd, const std::string& prefix, int depth) {
    DIR* stream = fdopendir(fd);
    if (stream == nullptr) {
      LeaveOut(prefix, Problem("cannot be listed", errno));
      close(fd);
      return absl::OkStatus();
    }
    const absl::Cleanup close_stream = [stream] { closedir(stream); };
    while (true) {
      errno = 0;
      const dirent* entry = readdir(stream);
      if (entry == nullptr) {
        if (errno != 0) LeaveOut(prefix, Problem("cannot be listed to its end", errno));
        return absl::OkStatus();
      }
      if (entry->d_name[0] == '.') continue;
      SSNAS_RETURN_IF_ERROR(Take(dirfd(stream), entry->d_name, prefix, depth));
    }
  }

  FolderListing Finish() {
    std::sort(listing_.images.begin(), listing_.images.end(),
              [](const ImageFile& a, const ImageFile& b) { return a.path < b.path; });
    std::sort(listing_.left_out.begin(), listing_.left_out.end(),
              [](const LeftOutFile& a, const LeftOutFile& b) { return a.file < b.file; });
    return std::move(listing_);
  }

 private:
  absl::Status Take(int folder, const std::string& name, const std::string& prefix, int depth) {
    const std::string path = prefix + name;
    struct stat facts {};
    if (fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      LeaveOut(path, Problem("cannot be looked at", errno));
    } else if (S_ISDIR(facts.st_mode)) {
      return Enter(folder, name, path, depth);
    } else if (S_ISLNK(facts.st_mode)) {
      LeaveOut(path, "is a symbolic link, and links are not followed");
    } else if (!S_ISREG(facts.st_mode)) {
      LeaveOut(path, "is neither a file nor a folder");
    } else if (HasImageName(name) || HasImageBytes(folder, name)) {
      listing_.images.push_back({.path = path,
                                 .bytes = facts.st_size,
                                 .modified_ns = Nanoseconds(facts.st_mtim),
                                 .changed_ns = Nanoseconds(facts.st_ctim)});
    } else {
      ++listing_.other_files;
    }
    if (listing_.images.size() + listing_.left_out.size() > kMaxFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat("has more than ", kMaxFiles, " files; give a folder with fewer"));
    }
    return absl::OkStatus();
  }

  absl::Status Enter(int folder, const std::string& name, const std::string& path, int depth) {
    if (depth == kMaxDepth) {
      LeaveOut(path + "/", absl::StrCat("is nested deeper than ", kMaxDepth, " folders"));
      return absl::OkStatus();
    }
    const int fd = OpenAt(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0) {
      LeaveOut(path + "/", Problem("cannot be listed", errno));
      return absl::OkStatus();
    }
    return Walk(fd, path + "/", depth + 1);
  }

  static bool HasImageBytes(int folder, const std::string& name) {
    const int fd = OpenAt(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    char bytes[kSignatureBytes];
    const ssize_t count = read(fd, bytes, sizeof(bytes));
    close(fd);
    return count > 0 && FormatOf({bytes, static_cast<size_t>(count)}) != ImageFormat::kOther;
  }

  void LeaveOut(absl::string_view path, std::string reason) {
    listing_.left_out.push_back({.file = ShownPath(path), .reason = std::move(reason)});
  }

  FolderListing listing_;
};

}  // namespace

absl::StatusOr<FolderListing> ListImageFiles(const std::string& folder) {
  const int fd = OpenAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return ErrnoStatus("list", folder, errno);
  Walker walker;
  SSNAS_RETURN_IF_ERROR(walker.Walk(fd, "", 0));
  return walker.Finish();
}

absl::StatusOr<std::string> ReadFileBelow(const std::string& folder, const std::string& path,
                                          uint64_t max_bytes) {
  int fd = OpenAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  for (size_t i = 0; i < parts.size() && fd >= 0; ++i) {
    const int kind = i + 1 < parts.size() ? O_DIRECTORY : O_NONBLOCK;
    // A listing has no such part; this keeps whoever passes another path inside the folder.
    const bool inside = !parts[i].empty() && parts[i] != "..";
    const int next = inside ? OpenAt(fd, parts[i], O_RDONLY | O_NOFOLLOW | kind) : -1;
    const int error = inside ? errno : EINVAL;
    close(fd);
    fd = next;
    errno = error;
  }
  if (fd < 0) {
    if (errno == ENOENT) return absl::NotFoundError("is gone since the folder was listed");
    if (errno == ELOOP) return absl::NotFoundError("has become a symbolic link");
    return absl::NotFoundError(Problem("cannot be opened", errno));
  }
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat facts {};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return absl::NotFoundError("is no longer a file");
  }
  absl::StatusOr<std::string> bytes = ReadDescriptor(fd, path, max_bytes);
  if (bytes.ok()) return bytes;
  if (absl::IsResourceExhausted(bytes.status())) {
    return absl::ResourceExhaustedError(absl::StrCat("is larger than ", max_bytes, " bytes"));
  }
  return absl::DataLossError("cannot be read to its end");
}

std::string ShownPath(absl::string_view path) {
  std::string shown;
  while (!path.empty()) {
    const size_t length = Utf8Length(path);
    const absl::string_view character = path.substr(0, std::max<size_t>(length, 1));
    const auto first = static_cast<unsigned char>(character[0]);
    // C0, DEL, and C1, which some terminals obey too.
    const bool control =
        first < 0x20 || first == 0x7F ||
        (first == 0xC2 && length == 2 && static_cast<unsigned char>(character[1]) < 0xA0);
    absl::StrAppend(&shown,
                    length == 0 || control ? absl::CHexEscape(character) : std::string(character));
    path.remove_prefix(character.size());
  }
  return shown;
}

}  // namespace ssnas
