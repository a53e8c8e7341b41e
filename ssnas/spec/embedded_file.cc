#include "ssnas/spec/embedded_file.h"

namespace ssnas {
namespace {

std::map<std::string, absl::string_view, std::less<>>& Files() {
  static auto* const files = new std::map<std::string, absl::string_view, std::less<>>;
  return *files;
}

}  // namespace

EmbeddedFile::EmbeddedFile(const char* path, const unsigned char* bytes, size_t size) {
  Files()[path] = absl::string_view(reinterpret_cast<const char*>(bytes), size);
}

const std::map<std::string, absl::string_view, std::less<>>& EmbeddedFiles() { return Files(); }

}  // namespace ssnas
