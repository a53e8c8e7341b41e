// The bf16 kernels against kernels_reference.h, over shapes. Arrays end where an unmapped page
// begins: what is read or written past their end stops the test.
#include "ssnas/engine/fused/bf16_kernels.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/engine/fused/kernels.h"
#include "ssnas/engine/fused/kernels_reference.h"

namespace ssnas::fused {
namespace {

template <typename T>
class Guarded {
 public:
  explicit Guarded(int64_t count) : count_(count) {
    const size_t page = sysconf(_SC_PAGESIZE), bytes = count * sizeof(T);
    size_ = (bytes + page - 1) / page * page + page;
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    memory_ = static_cast<char*>(memory);
    EXPECT_EQ(mprotect(memory_ + size_ - page, page, PROT_NONE), 0);
    data_ = reinterpret_cast<T*>(memory_ + size_ - page - bytes);
  }
  ~Guarded() { munmap(memory_, size_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  T* data() const { return data_; }
  int64_t size() const { return count_; }
  T& operator[](int64_t i) const { return data_[i]; }

 private:
  const int64_t count_;
  size_t size_ = 0;
  char* memory_ = nullptr;
  T* data_ = nullptr;
};

void Fill(const Guarded<float>& values, uint64_t seed) {
  Philox random({.seed = seed, .purpose = Purpose::kTest});
  for (int64_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(random.Uniform(-1, 1));
  }
}

// The upper half of a float.
float FromBf16(uint32_t half) { return std::bit_cast<float>(half << 16); }

TEST(Bf16KernelsTest, PacksPairsOfRows) {
  const float infinity = std::numeric_limits<float>::infinity();
  // Ties go to the even neighbour: bf16 has 8 significant bits, 1 + 2⁻⁷ follows 1.
  const std::vector<float> b = {1,
                                1 + 0x1p-8F,
                                1 + 3 * 0x1p-8F,
                                99,  //
                                1 + 0x1p-7F,
                                -infinity,
                                1 + 0x1.01p-8F,
                                99,  //
                                std::nanf(""),
                                FLT_MAX,
                                -0.0F};
  Guarded<uint32_t> pairs(Bf16Words(3, 3));
  ASSERT_EQ(pairs.size(), 2 * 16);
  PackBf16(b.data(), 4, 3, 3, pairs.data());
  EXPECT_EQ(FromBf16(pairs[0] & 0xFFFF), 1);
  EXPECT_EQ(FromBf16(pairs[0] >> 16), 1 + 0x1p-7F);
  EXPECT_EQ(FromBf16(pairs[1] & 0xFFFF), 1);
  EXPECT_EQ(FromBf16(pairs[1] >> 16), -infinity);
  EXPECT_EQ(FromBf16(pairs[2] & 0xFFFF), 1 + 0x1p-6F);
  EXPECT_EQ(FromBf16(pairs[2] >> 16), 1 + 0x1p-7F);
  EXPECT_TRUE(std::isnan(FromBf16(pairs[16] & 0xFFFF)));
  EXPECT_EQ(FromBf16(pairs[17]), infinity) << "rounds up";
  EXPECT_EQ(pairs[18], 0x8000U) << "with nothing in the row that the matrix has not";
  for (const int row : {0, 1}) {
    for (int column = 3; column < 16; ++column) EXPECT_EQ(pairs[row * 16 + column], 0U);
  }
}

// Products of bf16 are exact in float32, and sums are rounded once a product at most, in whichever
// way the CPU groups them. Beside that, operands, products and sums below 2⁻¹²⁶ count as zero.
std::vector<double> Bounds(const ReferenceSums& expected, int64_t k) {
  std::vector<double> bounds;
  for (const double magnitude : expected.magnitudes) {
    bounds.push_back(ErrorBound(k, magnitude, kFloatEpsilon) +
                     4.0 * static_cast<double>(k) * FLT_MIN);
  }
  return bounds;
}

// m × k × n, with rows of a and c that are longer than their columns.
void ExpectProduct(int64_t m, int64_t k, int64_t n) {
  SCOPED_TRACE(testing::Message() << m << " × " << k << " × " << n);
  const int64_t lda = k + k % 3, ldc = n + 3, ldb = PackedColumns(n);
  const Guarded<float> a((m - 1) * lda + k), b(k * ldb), c((m - 1) * ldc + n), one(n);
  Fill(a, 1);
  Fill(b, 2);
  for (int64_t i = 0; i < a.size(); i += 11) a[i] *= 0x1p-130F;
  const Guarded<uint32_t> pairs(Bf16Words(k, n));
  PackBf16(b.data(), ldb, k, n, pairs.data());
  std::fill_n(c.data(), c.size(), 7.0F);
  GemmBf16(a.data(), lda, m, k, pairs.data(), n, c.data(), ldc);
  std::vector<float> dense;
  for (int64_t i = 0; i < c.size(); ++i) {
    if (i % ldc < n) {
      dense.push_back(c[i]);
    } else {
      EXPECT_EQ(c[i], 7.0F) << "wrote beside its columns";
    }
  }
  const ReferenceSums expected = ReferenceGemmBf16(a.data(), lda, m, k, b.data(), n);
  EXPECT_EQ(Compare<float>(dense, expected.values, Bounds(expected, k)), absl::OkStatus());
  // The same bits by itself as among others.
  GemmBf16(a.data() + (m - 1) * lda, lda, 1, k, pairs.data(), n, one.data(), n);
  const std::vector<float> last(dense.end() - n, dense.end());
  EXPECT_EQ(CompareBits<float>(std::vector<float>(one.data(), one.data() + n), last),
            absl::OkStatus());
}

TEST(Bf16KernelsTest, Products) {
  if (!HasBf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  for (const int64_t n : {1, 3, 4, 8, 15, 16, 17, 31, 32, 36, 48, 64}) {
    for (const int64_t k : {1, 2, 5, 8, 16, 31, 32, 33, 64, 257, 300}) {
      for (const int64_t m : {1, 3, 4, 8, 13, 16, 31, 32, 45}) ExpectProduct(m, k, n);
    }
  }
}

TEST(Bf16KernelsTest, NaNsAndInfinitiesStay) {
  if (!HasBf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  const std::vector<float> b = {1, 2};  // 2 × 1
  std::vector<uint32_t> pairs(Bf16Words(2, 1));
  PackBf16(b.data(), 1, 2, 1, pairs.data());
  const std::vector<float> a = {std::nanf(""), 1, std::numeric_limits<float>::infinity(), 1, 1, 1};
  std::vector<float> c(3);
  GemmBf16(a.data(), 2, 3, 2, pairs.data(), 1, c.data(), 1);
  EXPECT_TRUE(std::isnan(c[0]));
  EXPECT_EQ(c[1], std::numeric_limits<float>::infinity());
  EXPECT_EQ(c[2], 3);
}

}  // namespace
}  // namespace ssnas::fused
