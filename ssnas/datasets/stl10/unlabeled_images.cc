#include "ssnas/datasets/stl10/unlabeled_images.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/progress.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"
#include "ssnas/datasets/image_folder/cache_folder.h"
#include "ssnas/datasets/image_folder/image_cache.h"
#include "ssnas/datasets/image_folder/open_cache.h"

namespace ssnas {
namespace {

constexpr size_t kIdLength = 32;
constexpr int64_t kImagesPerUpdate = 256;

// What a cache is of: path, size and times. NotFound and DataLoss as ReadRecordFile.
absl::StatusOr<std::string> KeyOf(const RecordFiles& files, const std::string& data_dir,
                                  const std::string& path) {
  if (data_dir.empty()) return MissingFile(files.release, "", files.names.front());
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return MissingFile(files.release, data_dir, files.names.front());
    return ErrnoStatus("read", path, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a folder, not a file"));
  }
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size != files.records * files.layout.record_bytes()) {
    return WrongSize(files, path, absl::StrCat(size));
  }
  return Sha256(absl::StrCat("stl10 1\n", path, "\n", size, "\n", facts.st_mtim.tv_sec, " ",
                             facts.st_mtim.tv_nsec, " ", facts.st_ctim.tv_sec, " ",
                             facts.st_ctim.tv_nsec));
}

absl::Status WriteCache(const RecordFiles& files, const std::string& path, const std::string& key,
                        const std::string& cache, const ProgressOptions* progress) {
  std::FILE* const in = std::fopen(path.c_str(), "rb");
  if (in == nullptr) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_file = [in] { std::fclose(in); };
  std::unique_ptr<Progress> bar;
  if (progress != nullptr) {
    bar = std::make_unique<Progress>(*progress, "[data] images", files.records, 0);
  }
  SSNAS_ASSIGN_OR_RETURN(const auto writer, ImageCacheWriter::Create(cache, key, SerialFor));
  std::string record(files.layout.record_bytes(), '\0');
  RgbImage image = {.height = files.layout.size, .width = files.layout.size, .pixels = {}};
  image.pixels.resize(files.layout.image_bytes());
  for (int64_t i = 0; i < files.records; ++i) {
    if (ShutdownSignal() != 0) return StoppedStatus();
    if (std::fread(record.data(), 1, record.size(), in) != record.size()) {
      if (std::ferror(in) != 0) return ErrnoStatus("read", path, errno);
      return WrongSize(files, path, absl::StrCat("fewer than ", (i + 1) * record.size()));
    }
    PlanesToPixels(files.layout, record, image.pixels.data());
    SSNAS_RETURN_IF_ERROR(writer->Add(absl::StrCat(i), image));
    const int64_t added = i % kImagesPerUpdate + 1;
    if (bar != nullptr && (added == kImagesPerUpdate || i + 1 == files.records)) {
      bar->Update(i + 1, added, "");
    }
  }
  SSNAS_RETURN_IF_ERROR(writer->Finish());
  if (bar != nullptr) bar->Finish("");
  return absl::OkStatus();
}

absl::Status MakeRoomFor(const RecordFiles& files, const std::string& root, const std::string& id,
                         double max_gb) {
  const uint64_t bytes = files.records * files.layout.image_bytes();
  const absl::Status status = MakeRoom(root, id, bytes, static_cast<uint64_t>(1e9 * max_gb));
  if (!absl::IsResourceExhausted(status)) return status;
  return InArea(ErrorArea::kResources,
                absl::ResourceExhaustedError(absl::StrFormat(
                    "stl10: the images without labels take %.2f GB in %s, and max_cache_gb is "
                    "%.2f. Set dataset.config.max_cache_gb to more, or dataset.config.cache_dir to "
                    "another folder.",
                    static_cast<double>(bytes) * 1e-9, root, max_gb)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImageSet>> OpenUnlabeledImages(const RecordFiles& files,
                                                              const Stl10Config& config,
                                                              const DatasetContext& context) {
  std::string path = PathOfFile(files.release, context.data_dir, files.names.front());
  // As the disk calls it, so that the same file has one cache.
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  if (!error) path = real;
  SSNAS_ASSIGN_OR_RETURN(const std::string key, KeyOf(files, context.data_dir, path));
  SSNAS_ASSIGN_OR_RETURN(const std::string root, CacheRoot(config.cache_dir()));
  const std::string id = Sha256(absl::StrCat("stl10\n", path)).substr(0, kIdLength);
  const auto make = [&]() -> absl::Status {
    SSNAS_RETURN_IF_ERROR(MakeRoomFor(files, root, id, config.max_cache_gb()));
    return WriteCache(files, path, key, CachePath(root, id), context.progress);
  };
  return OpenOrMakeCache({.root = root,
                          .id = id,
                          .key = key,
                          .threads = context.threads,
                          .progress = context.progress,
                          .make = make});
}

}  // namespace ssnas
