// Numbers with their digits in groups of three, as people read them.
#ifndef SSNAS_CORE_READABLE_H_
#define SSNAS_CORE_READABLE_H_

#include <cstdint>
#include <string>

namespace ssnas {

// 41,832; -1,000
std::string Grouped(int64_t value);

// 10,000,000; 0.025; 3e-04: as many digits as it takes to read the same number again.
std::string Readable(double number);

}  // namespace ssnas

#endif  // SSNAS_CORE_READABLE_H_
