// SHA-256 (OpenSSL's), as lower-case hexadecimal.
#ifndef SSNAS_CORE_SHA256_H_
#define SSNAS_CORE_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace ssnas {

std::string Sha256(absl::string_view bytes);

// For what comes in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Update(absl::string_view bytes);
  std::string Finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_SHA256_H_
