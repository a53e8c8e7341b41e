#include "ssnas/datasets/image_folder/image_folder.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/file.h"
#include "ssnas/core/progress.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/image_folder/build_cache.h"
#include "ssnas/datasets/image_folder/cache_folder.h"
#include "ssnas/datasets/image_folder/folder_labels.h"
#include "ssnas/datasets/image_folder/folder_listing.h"
#include "ssnas/datasets/image_folder/open_cache.h"

namespace ssnas {
namespace {

// Of everything between a file's bytes and its pixels here; a change makes old caches stale.
constexpr char kDecoderVersion[] = "1: libjpeg-turbo 2.1.5, libspng 0.7.3";
constexpr uint64_t kMaxCsvBytes = uint64_t{1} << 30;
constexpr size_t kIdLength = 32, kShown = 5;

absl::Status Named(const absl::Status& status) {
  absl::Status named(status.code(), absl::StrCat("image_folder: ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

// As the disk calls it, so that the same folder has one cache.
std::string RealPath(const std::string& folder) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(folder, error).string();
  return error ? folder : path;
}

// NotFound where that is no folder.
absl::Status CheckFolder(const std::string& folder) {
  std::error_code error;
  const std::filesystem::file_status found = std::filesystem::status(folder, error);
  if (std::filesystem::is_directory(found)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(std::filesystem::exists(found)
                                              ? absl::StrCat(folder, " is a file, not a folder")
                                              : absl::StrCat("there is no folder ", folder),
                                          ". Name the folder of images with --images=DIR."));
}

bool IsTestImage(const std::string& path, double share) {
  uint64_t draw = 0;
  if (!absl::SimpleHexAtoi(Sha256(absl::StrCat("test image\n", path)).substr(0, 8), &draw)) {
    return false;
  }
  return static_cast<double>(draw) < share * 4294967296.0;
}

// All that the pixels depend on but the files.
std::string Settings(const ImageFolderConfig& config, Split split) {
  return absl::StrCat(kDecoderVersion, "\n", config.image_size(), "\n", config.fit(), "\n",
                      config.max_megapixels(), "\n", config.test_share(), "\n",
                      split == Split::kTest ? "test" : "train", "\n");
}

// Names are followed by a 0, which none of them has.
std::string KeyOf(const std::string& settings, const FolderListing& listing) {
  Sha256Stream sha;
  sha.Update(settings);
  for (const ImageFile& file : listing.images) {
    sha.Update(absl::StrCat(file.path, absl::string_view("\0", 1), file.bytes, " ",
                            file.modified_ns, " ", file.changed_ns, "\n"));
  }
  for (const LeftOutFile& file : listing.left_out) {
    sha.Update(absl::StrCat(file.file, absl::string_view("\0", 1), file.reason, "\n"));
  }
  return sha.Finish();
}

absl::StatusOr<FolderListing> ListSplit(const std::string& folder, const ImageFolderConfig& config,
                                        Split split) {
  auto listed = ListImageFiles(folder);
  if (!listed.ok()) return listed.status();
  FolderListing listing = *std::move(listed);
  listing.images.erase(std::remove_if(listing.images.begin(), listing.images.end(),
                                      [&](const ImageFile& file) {
                                        return IsTestImage(file.path, config.test_share()) !=
                                               (split == Split::kTest);
                                      }),
                       listing.images.end());
  // What is in neither half is told once.
  if (split == Split::kTest) listing.left_out.clear();
  return listing;
}

absl::Status MakeCache(const DatasetContext& context, const ImageFolderConfig& config,
                       const std::string& folder, const std::string& key, const std::string& root,
                       const std::string& id, FolderListing listing) {
  const auto max_bytes = static_cast<uint64_t>(1e9 * config.max_cache_gb());
  const auto may_take = [&](uint64_t bytes) { return MakeRoom(root, id, bytes, max_bytes); };
  // What squares take; said before an hour of decoding.
  const uint64_t square = uint64_t{3} * config.image_size() * config.image_size();
  SSNAS_RETURN_IF_ERROR(may_take(square * listing.images.size()));
  const CacheJob job{.folder = folder,
                     .files = std::move(listing.images),
                     .left_out = std::move(listing.left_out),
                     .key = key,
                     .decoder = {.size = config.image_size(),
                                 .whole = config.fit() == ImageFolderConfig::WHOLE,
                                 .max_pixels = int64_t{1'000'000} * config.max_megapixels()},
                     .threads = context.threads,
                     .progress = context.progress,
                     .may_take = may_take};
  return BuildCache(job, CachePath(root, id));
}

class SharedImages : public ImageSet {
 public:
  explicit SharedImages(std::shared_ptr<const ImageCache> cache) : cache_(std::move(cache)) {}
  int64_t size() const override { return cache_->size(); }
  ImageView Get(int64_t index) const override { return cache_->Get(index); }
  std::vector<LeftOutFile> LeftOut() const override { return cache_->LeftOut(); }
  int64_t MappedBytes() const override { return cache_->MappedBytes(); }
  std::string Digest() const override { return cache_->Digest(); }

 private:
  const std::shared_ptr<const ImageCache> cache_;
};

absl::Status NoImages(const std::string& folder, const ImageFolderConfig& config, Split split) {
  const bool test = split == Split::kTest;
  return absl::NotFoundError(absl::StrCat(
      "no ", test ? "test image" : "JPEG or PNG file", " in ", folder,
      test && config.test_share() == 0 ? ": dataset.config.test_share is 0. Set it to the share of "
                                         "the images that are to test with, 0.2 for example."
                                       : ". Give a folder that has some; folders in it are looked "
                                         "into, links are not followed."));
}

absl::StatusOr<std::vector<int32_t>> LabelsByFolder(const std::string& folder,
                                                    const std::vector<std::string>& paths,
                                                    int classes) {
  SSNAS_ASSIGN_OR_RETURN(const FolderListing listing, ListImageFiles(folder));
  std::vector<std::string> all;
  for (const ImageFile& file : listing.images) all.push_back(file.path);
  return FolderLabels(paths, all, classes);
}

absl::StatusOr<std::vector<int32_t>> LabelsByFile(const std::string& folder, const std::string& csv,
                                                  const std::vector<std::string>& paths,
                                                  int classes) {
  const std::string path = csv[0] == '/' ? csv : JoinPath(folder, csv);
  const auto text = ReadFile(path, kMaxCsvBytes);
  if (!text.ok()) {
    return absl::Status(text.status().code(),
                        absl::StrCat(text.status().message(),
                                     ". dataset.config.labels_csv is a path below the folder of "
                                     "images, or begins with /."));
  }
  auto labels = CsvLabels(paths, *text, classes);
  if (labels.ok()) return labels;
  return absl::Status(labels.status().code(), absl::StrCat(path, ": ", labels.status().message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> ImageFolder::Create(const ImageFolderConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("image_folder", config));
  const bool labelled = config.labels() != ImageFolderConfig::NONE;
  if (labelled && config.classes() < 1) {
    return absl::InvalidArgumentError(
        "image_folder: labels are asked for; set classes to how many there are");
  }
  if ((config.labels() == ImageFolderConfig::CSV) != !config.labels_csv().empty()) {
    return absl::InvalidArgumentError(
        "image_folder: labels_csv goes with labels: CSV; set both or neither");
  }
  return std::unique_ptr<Dataset>(new ImageFolder(config));
}

DatasetInfo ImageFolder::Info() const {
  return {
      .title = "own images",
      .num_classes = config_.labels() == ImageFolderConfig::NONE ? 0 : config_.classes(),
      .image_size = config_.image_size(),
  };
}

absl::Status ImageFolder::CheckShare(const std::string& folder, const ImageCache& cache,
                                     Split split) const {
  const std::vector<LeftOutFile> left_out = cache.LeftOut();
  if (left_out.empty() && cache.size() == 0) return NoImages(folder, config_, split);
  const auto bad = static_cast<double>(left_out.size());
  const double share = bad / (bad + static_cast<double>(cache.size()));
  if (share <= config_.max_unreadable_share() && cache.size() > 0) return absl::OkStatus();
  std::string text = absl::StrFormat(
      "%d of %d image files in %s cannot be read (%.3g %%; max_unreadable_share is %.3g %%):",
      left_out.size(), left_out.size() + cache.size(), folder, 100 * share,
      100 * config_.max_unreadable_share());
  for (size_t i = 0; i < std::min(left_out.size(), kShown); ++i) {
    absl::StrAppend(&text, "\n    ", left_out[i].file, " ", left_out[i].reason);
  }
  if (left_out.size() > kShown) absl::StrAppend(&text, "\n    …");
  absl::StrAppend(&text, "\nMend or remove them",
                  cache.size() > 0 ? ", or set dataset.config.max_unreadable_share to more." : ".");
  return absl::DataLossError(text);
}

absl::StatusOr<ImageFolder::Shared> ImageFolder::Open(const DatasetContext& context,
                                                      Split split) const {
  SSNAS_RETURN_IF_ERROR(CheckFolder(context.data_dir));
  const std::string folder = RealPath(context.data_dir);
  SSNAS_ASSIGN_OR_RETURN(FolderListing listing, ListSplit(folder, config_, split));
  if (listing.images.empty() && listing.left_out.empty()) return NoImages(folder, config_, split);
  const std::string settings = Settings(config_, split);
  const std::string key = KeyOf(settings, listing);
  const std::string id = Sha256(absl::StrCat(folder, "\n", settings)).substr(0, kIdLength);
  SSNAS_ASSIGN_OR_RETURN(const std::string root, CacheRoot(config_.cache_dir()));
  SSNAS_ASSIGN_OR_RETURN(const Shared shared, OpenOrMakeCache({.root = root,
                                                               .id = id,
                                                               .key = key,
                                                               .threads = context.threads,
                                                               .progress = context.progress,
                                                               .make = [&] {
                                                                 return MakeCache(
                                                                     context, config_, folder, key,
                                                                     root, id, std::move(listing));
                                                               }}));
  SSNAS_RETURN_IF_ERROR(CheckShare(folder, *shared, split));
  return shared;
}

absl::StatusOr<ImageFolder::Shared> ImageFolder::Opened(const DatasetContext& context,
                                                        Split split) const {
  if (context.data_dir.empty()) {
    return absl::NotFoundError(
        "image_folder: no folder of images given. Name it with --images=DIR.");
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (folder_ != context.data_dir) {
    folder_ = context.data_dir;
    for (Shared& shared : opened_) shared = nullptr;
  }
  Shared& opened = opened_[split == Split::kTest];
  if (opened == nullptr) {
    absl::StatusOr<Shared> shared = Open(context, split);
    if (!shared.ok()) return Named(shared.status());
    opened = *std::move(shared);
  }
  return opened;
}

absl::StatusOr<std::unique_ptr<ImageSet>> ImageFolder::Images(const DatasetContext& context,
                                                              Split split) const {
  SSNAS_ASSIGN_OR_RETURN(Shared cache, Opened(context, split));
  return std::make_unique<SharedImages>(std::move(cache));
}

absl::StatusOr<std::vector<int32_t>> ImageFolder::Labels(const DatasetContext& context,
                                                         Split split) const {
  SSNAS_ASSIGN_OR_RETURN(const Shared cache, Opened(context, split));
  std::vector<std::string> paths;
  for (int64_t i = 0; i < cache->size(); ++i) paths.push_back(cache->file(i));
  if (config_.labels() == ImageFolderConfig::NONE) {
    return absl::FailedPreconditionError(
        "image_folder: labels are NONE. Set dataset.config.labels to FOLDERS or CSV.");
  }
  absl::StatusOr<std::vector<int32_t>> labels =
      config_.labels() == ImageFolderConfig::FOLDERS
          ? LabelsByFolder(context.data_dir, paths, config_.classes())
          : LabelsByFile(context.data_dir, config_.labels_csv(), paths, config_.classes());
  if (!labels.ok()) return Named(labels.status());
  return labels;
}

}  // namespace ssnas
