// Passing a Status on: RETURN_IF_ERROR(expr) and ASSIGN_OR_RETURN(auto x, expr).
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
//   SSNAS_RETURN_IF_ERROR(Parse(text, &spec));
#ifndef SSNAS_CORE_STATUS_MACROS_H_
#define SSNAS_CORE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define SSNAS_RETURN_IF_ERROR(expr)                          \
  do {                                                       \
    if (absl::Status status_ = (expr); !status_.ok()) {      \
      return status_;                                        \
    }                                                        \
  } while (false)

#define SSNAS_CONCAT_INNER(a, b) a##b
#define SSNAS_CONCAT(a, b) SSNAS_CONCAT_INNER(a, b)

#define SSNAS_ASSIGN_OR_RETURN(lhs, expr) \
  SSNAS_ASSIGN_OR_RETURN_IMPL(SSNAS_CONCAT(statusor_, __LINE__), lhs, expr)

#define SSNAS_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = std::move(result).value()

#endif  // SSNAS_CORE_STATUS_MACROS_H_
