#include "ssnas/datasets/fashion_mnist/idx.h"

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ssnas {
namespace {

// Two images of 2×3.
const std::string kIdx("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
                       "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\xff",
                       28);
const std::vector<uint8_t> kElements = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255};
const std::vector<uint32_t> kShape = {2, 2, 3};

std::string Gzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void ExpectLoss(const std::string& bytes, const std::vector<uint32_t>& shape,
                const std::string& message) {
  const auto elements = ParseIdx(bytes, shape);
  EXPECT_EQ(elements.status().code(), absl::StatusCode::kDataLoss) << elements.status();
  EXPECT_EQ(elements.status().message(), message);
}

TEST(ParseIdxTest, ReadsPlainAndGzipped) {
  EXPECT_EQ(ParseIdx(kIdx, kShape).value(), kElements);
  EXPECT_EQ(ParseIdx(Gzip(kIdx), kShape).value(), kElements);
}

TEST(ParseIdxTest, SaysWhatIsWrong) {
  ExpectLoss("", kShape, "ends after 0 bytes, in the header of 16");
  ExpectLoss(kIdx.substr(0, 15), kShape, "ends after 15 bytes, in the header of 16");
  ExpectLoss(kIdx.substr(0, 27), kShape, "has 27 bytes; its header says 28");
  ExpectLoss(kIdx + "x", kShape, "has 29 bytes; its header says 28");
  ExpectLoss(kIdx, {2, 3, 2}, "is of 2×2×3; expected 2×3×2");
  ExpectLoss(kIdx, {12}, "begins with 0x00000803; expected 0x00000801");
  std::string bytes = kIdx;
  bytes[2] = 0x0d;  // floats
  ExpectLoss(bytes, kShape, "begins with 0x00000d03; expected 0x00000803");
  // Little-endian.
  ExpectLoss(std::string("\x03\x08\0\0\x02\0\0\0\x02\0\0\0\x03\0\0\0", 16) + kIdx.substr(16), kShape,
             "begins with 0x03080000; expected 0x00000803");
  bytes = kIdx;
  bytes[4] = '\xff';
  ExpectLoss(bytes, kShape, "is of 4278190082×2×3; expected 2×2×3");
}

TEST(ParseIdxTest, NoTruncationOrBitFlipOfAGzipGetsThrough) {
  const std::string whole = Gzip(kIdx);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(ParseIdx(whole.substr(0, size), kShape).status().code(), absl::StatusCode::kDataLoss)
        << size;
  }
  // Flags, time and system of gzip's header (bytes 3 to 9) are covered by no checksum.
  for (size_t byte = 10; byte < whole.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
      const auto elements = ParseIdx(bytes, kShape);
      if (elements.ok()) {
        EXPECT_EQ(*elements, kElements) << "byte " << byte << ", bit " << bit;
      } else {
        EXPECT_EQ(elements.status().code(), absl::StatusCode::kDataLoss);
      }
    }
  }
}

TEST(GunzipTest, StopsAtTheLimitAndAtTheEnd) {
  const std::string bomb = Gzip(std::string(1 << 20, 'a'));
  EXPECT_EQ(Gunzip(bomb, (1 << 20) - 1).status().message(), "unpacks to more than 1048575 bytes");
  EXPECT_EQ(Gunzip(bomb, 1 << 20).value().size(), size_t{1} << 20);
  EXPECT_EQ(Gunzip(Gzip("a") + "bc", 10).status().message(), "has 2 bytes after its end");
  EXPECT_EQ(Gunzip("\x1f\x8bnonsense", 10).status().message(),
            "cannot be unpacked: unknown compression method");
  EXPECT_EQ(Gunzip("", 10).status().message(), "cannot be unpacked: it ends too early");
}

}  // namespace
}  // namespace ssnas
