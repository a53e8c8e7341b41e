#include "ssnas/core/tensorboard.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace ssnas {
namespace {

// CRC-32C bit by bit, from its polynomial (reflected: 0x82F63B78).
uint32_t PlainCrc32c(const std::string& data) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
  }
  return ~crc;
}

uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

uint64_t Little(const std::string& bytes, size_t at, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= uint64_t{static_cast<unsigned char>(bytes.at(at + i))} << (8 * i);
  }
  return value;
}

// What a frame holds, after both checksums were held against the plain one.
std::string Unframe(const std::string& record) {
  const size_t length = Little(record, 0, 8);
  EXPECT_EQ(record.size(), length + 16);
  EXPECT_EQ(Little(record, 8, 4), Masked(PlainCrc32c(record.substr(0, 8))));
  EXPECT_EQ(Little(record, 12 + length, 4), Masked(PlainCrc32c(record.substr(12, length))));
  return record.substr(12, length);
}

TEST(TensorBoard, TheChecksumIsCrc32c) {
  EXPECT_EQ(PlainCrc32c("123456789"), 0xE3069283u);  // the check value that is published for it
  EXPECT_EQ(MaskedCrc32c("123456789"), Masked(0xE3069283u));
  std::string data;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(MaskedCrc32c(data), Masked(PlainCrc32c(data))) << i;
    data += static_cast<char>(i * 7);
  }
}

// The messages of TensorFlow's event.proto and summary.proto, written out in bytes.
TEST(TensorBoard, TheBytesAreThoseOfTheMessages) {
  const std::string wall_time("\x09\x00\x00\x00\x00\x00\x00\xf8\x3f", 9);  // field 1, 1.5
  EXPECT_EQ(Unframe(TensorBoardHeader(1.5)), wall_time +
                                                 "\x1a\x0d"
                                                 "brain.Event:2");
  EXPECT_EQ(Unframe(TensorBoardStart(1.5, 7)), wall_time + "\x10\x07\x3a\x02\x08\x01");
  // step 300 = 0xAC 0x02; value −2 = 0xC0000000; entry 13 bytes, summary 15.
  EXPECT_EQ(
      Unframe(TensorBoardScalar(1.5, 300, "loss", -2.0f)),
      wall_time + std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15\x00\x00\x00\xc0", 18));
}

TEST(TensorBoard, LongTagsHaveLongLengths) {
  const std::string tag(200, 't');
  const std::string event = Unframe(TensorBoardScalar(0, 1, tag, 1.0f));
  EXPECT_NE(event.find(std::string("\x0a\xc8\x01", 3) + tag), std::string::npos);
}

}  // namespace
}  // namespace ssnas
