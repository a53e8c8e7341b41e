// Colours that colour-blind readers tell apart (after Okabe and Ito), and which operation has
// which.
//
// Operations that differ only in their size ("sep_conv_3x3", "sep_conv_5x5") are one kind and share
// a colour; the second is dashed, the third dotted. "none" is grey. Works for operations that
// nobody here has heard of: kinds take colours in the order of the search space.
#ifndef SSNAS_REPORT_CHARTS_PALETTE_H_
#define SSNAS_REPORT_CHARTS_PALETTE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ssnas::report {

inline constexpr int kColors = 6;     // classes s0 … s5; further kinds start over
inline constexpr int kGreyColor = 6;  // class s6

struct OperationStyle {
  int color = kGreyColor;
  int variant = 0;  // 0 solid, 1 dashed, 2 dotted
};

class OperationPalette {
 public:
  // In the order of the search space; names that are not in it can be added after.
  explicit OperationPalette(const std::vector<std::string>& operations);

  const std::vector<std::string>& operations() const { return operations_; }
  void Add(absl::string_view operation);
  // Leaves out the others from operations(), so that a legend has what is drawn; styles stay.
  void KeepOnly(const std::vector<std::string>& used);
  // Grey for a name that was not added.
  OperationStyle StyleOf(absl::string_view operation) const;

 private:
  std::vector<std::string> operations_;
  std::map<std::string, OperationStyle, std::less<>> styles_;
  std::map<std::string, OperationStyle, std::less<>> kinds_;  // color, members so far
  int used_ = 0;
};

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_PALETTE_H_
