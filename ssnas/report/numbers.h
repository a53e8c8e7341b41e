// Numbers as people read them: digits that mean something, groups of three, units.
#ifndef SSNAS_REPORT_NUMBERS_H_
#define SSNAS_REPORT_NUMBERS_H_

#include <cstdint>
#include <string>

namespace ssnas::report {

std::string Amount(double value);                     // 41,832; from a million on 3.35 M, 1.2 G
std::string Fixed(double value, int decimals);        // "–" when it is not finite
std::string Significant(double value, int digits);    // 0.0123, 4.14, 812
std::string Percent(double share, int decimals = 1);  // 84.1 %, of a share between 0 and 1
std::string Duration(double seconds);                 // 0.4 s, 41 s, 2 min 31 s, 3 h 05 min
std::string Bytes(double bytes);                      // 512 kB, 310 MB, 0.94 GB (powers of ten)

// 3 → "3 images", 1 → "1 image".
std::string Counted(int64_t count, const std::string& singular, const std::string& plural);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_NUMBERS_H_
