// The version that programs print and reports name.
#ifndef SSNAS_CORE_VERSION_H_
#define SSNAS_CORE_VERSION_H_

namespace ssnas {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace ssnas

#endif  // SSNAS_CORE_VERSION_H_
