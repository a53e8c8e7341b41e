#include "ssnas/core/cpu.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace ssnas {
namespace {

bool Has(const std::string& text, const std::string& word) {
  std::istringstream words(text);
  for (std::string each; words >> each;) {
    if (each == word) return true;
  }
  return false;
}

// What the kernel says of the same CPU.
TEST(Cpu, AgreesWithTheKernel) {
  std::ifstream file("/proc/cpuinfo");
  std::string flags, vendor;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("flags", 0) == 0) flags = line;
    if (line.rfind("vendor_id", 0) == 0) vendor = line;
  }
  if (flags.empty()) GTEST_SKIP() << "no flags in /proc/cpuinfo";
  const std::string features = CpuFeatures();
  const bool avx512 = Has(flags, "avx512f") && Has(flags, "avx512bw") && Has(flags, "avx512dq") &&
                      Has(flags, "avx512vl");
  EXPECT_EQ(features.find("AVX-512") != std::string::npos, avx512) << features;
  EXPECT_EQ(features.find("Intel") != std::string::npos, Has(vendor, "GenuineIntel")) << features;
  EXPECT_EQ(features.find("AMD") != std::string::npos, Has(vendor, "AuthenticAMD")) << features;
}

}  // namespace
}  // namespace ssnas
