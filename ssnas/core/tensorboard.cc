#include "ssnas/core/tensorboard.h"

#include <isa-l/crc.h>

#include <bit>
#include <cstring>

namespace ssnas {
namespace {

// Protocol-buffer wire format, by hand: a few fields are all that is needed of TensorFlow's schema.
enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void AppendTag(std::string* out, int field, WireType type) {
  out->push_back(static_cast<char>(field << 3 | type));
}

void AppendVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

template <typename V>
void AppendFixed(std::string* out, V value) {
  char bytes[sizeof(V)];
  std::memcpy(bytes, &value, sizeof(V));
  out->append(bytes, sizeof(V));
}

void AppendBytes(std::string* out, int field, absl::string_view bytes) {
  AppendTag(out, field, kBytes);
  AppendVarint(out, bytes.size());
  out->append(bytes.data(), bytes.size());
}

// Event: wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7.
std::string EventAt(double wall_time, int64_t step) {
  std::string event;
  AppendTag(&event, 1, kFixed64);
  AppendFixed(&event, wall_time);
  AppendTag(&event, 2, kVarint);
  AppendVarint(&event, static_cast<uint64_t>(step));
  return event;
}

}  // namespace

uint32_t MaskedCrc32c(absl::string_view data) {
  // ISA-L's crc32_iscsi takes and gives the register without the final inversion.
  const uint32_t crc =
      ~crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(data.data())),
                   static_cast<int>(data.size()), ~uint32_t{0});
  return std::rotr(crc, 15) + 0xa282ead8u;
}

std::string TensorBoardRecord(absl::string_view data) {
  std::string length, record;
  AppendFixed(&length, static_cast<uint64_t>(data.size()));
  record = length;
  AppendFixed(&record, MaskedCrc32c(length));
  record.append(data.data(), data.size());
  AppendFixed(&record, MaskedCrc32c(data));
  return record;
}

std::string TensorBoardHeader(double wall_time) {
  std::string event;
  AppendTag(&event, 1, kFixed64);
  AppendFixed(&event, wall_time);
  AppendBytes(&event, 3, "brain.Event:2");
  return TensorBoardRecord(event);
}

std::string TensorBoardStart(double wall_time, int64_t step) {
  std::string session;  // SessionLog: status = 1, START = 1
  AppendTag(&session, 1, kVarint);
  AppendVarint(&session, 1);
  std::string event = EventAt(wall_time, step);
  AppendBytes(&event, 7, session);
  return TensorBoardRecord(event);
}

std::string TensorBoardScalar(double wall_time, int64_t step, absl::string_view tag, float value) {
  std::string entry;  // Summary.Value: tag = 1, simple_value = 2
  AppendBytes(&entry, 1, tag);
  AppendTag(&entry, 2, kFixed32);
  AppendFixed(&entry, value);
  std::string summary;  // Summary: value = 1
  AppendBytes(&summary, 1, entry);
  std::string event = EventAt(wall_time, step);
  AppendBytes(&event, 5, summary);
  return TensorBoardRecord(event);
}

}  // namespace ssnas
