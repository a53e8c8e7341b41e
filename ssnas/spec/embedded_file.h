// Files that a program carries with it: what the protos' comments are read from, and plugins'
// examples.
//
// Made by ssnas_embed of tools/build/embed.bzl, which writes a .cc of such registrations.
#ifndef SSNAS_SPEC_EMBEDDED_FILE_H_
#define SSNAS_SPEC_EMBEDDED_FILE_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace ssnas {

// Registers bytes, which must last, under the file's path in its own repository.
struct EmbeddedFile {
  EmbeddedFile(const char* path, const unsigned char* bytes, size_t size);
};

// Path → bytes of every file that is linked in.
const std::map<std::string, absl::string_view, std::less<>>& EmbeddedFiles();

}  // namespace ssnas

#endif  // SSNAS_SPEC_EMBEDDED_FILE_H_
