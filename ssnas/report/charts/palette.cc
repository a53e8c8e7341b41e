#include "ssnas/report/charts/palette.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace ssnas::report {
namespace {

// "sep_conv_3x3" → "sep_conv": a last part of digits and x is the size.
absl::string_view KindOf(absl::string_view operation) {
  const size_t cut = operation.rfind('_');
  if (cut == absl::string_view::npos || cut == 0) return operation;
  const absl::string_view last = operation.substr(cut + 1);
  const bool size = !last.empty() && std::all_of(last.begin(), last.end(), [](char c) {
    return absl::ascii_isdigit(c) || c == 'x';
  });
  return size ? operation.substr(0, cut) : operation;
}

}  // namespace

OperationPalette::OperationPalette(const std::vector<std::string>& operations) {
  for (const std::string& operation : operations) Add(operation);
}

void OperationPalette::Add(absl::string_view operation) {
  if (styles_.count(operation) > 0) return;
  operations_.emplace_back(operation);
  if (operation == "none") {
    styles_[std::string(operation)] = {kGreyColor, 0};
    return;
  }
  const auto [kind, added] = kinds_.try_emplace(std::string(KindOf(operation)));
  if (added) kind->second = {used_++ % kColors, 0};
  styles_[std::string(operation)] = kind->second;
  kind->second.variant = std::min(kind->second.variant + 1, 2);
}

void OperationPalette::KeepOnly(const std::vector<std::string>& used) {
  std::erase_if(operations_, [&](const std::string& operation) {
    return std::find(used.begin(), used.end(), operation) == used.end();
  });
}

OperationStyle OperationPalette::StyleOf(absl::string_view operation) const {
  const auto found = styles_.find(operation);
  return found == styles_.end() ? OperationStyle{} : found->second;
}

}  // namespace ssnas::report
