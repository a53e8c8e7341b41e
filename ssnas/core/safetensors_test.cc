#include "ssnas/core/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A file put together by hand from the format's description.
std::string FileOf(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

std::string ErrorOf(const std::string& header, const std::string& data) {
  return std::string(ParseSafetensors(FileOf(header, data), "a.safetensors").status().message());
}

TensorFile Example() {
  const float floats[] = {1.5f, -2.0f, 0.0f, 3e-40f, 5.0f, 6.0f};
  TensorFile file;
  file.tensors.push_back({"pixels", "U8", {3}, "abc"});
  file.tensors.push_back(NamedTensor::FromFloats("weights", {2, 3}, floats));
  file.tensors.push_back(NamedTensor::FromInts("counts", {1, -2, int64_t{1} << 40}));
  file.tensors.push_back({"empty", "F32", {0, 4}, ""});
  file.tensors.push_back({"scalar", "F64", {}, std::string(8, '\1')});
  file.metadata = {{"format", "pt"}, {"note", "ü \"quoted\""}};
  return file;
}

TEST(Safetensors, TheBytesAreThoseOfTheFormat) {
  TensorFile file;
  file.tensors.push_back({"b", "U8", {3}, "xyz"});
  file.tensors.push_back({"a", "I32", {1}, std::string("\1\0\0\0", 4)});
  file.metadata["format"] = "pt";
  std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},)"
      R"("b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}})";
  while (header.size() % 8 != 0) header += ' ';
  EXPECT_EQ(SerializeSafetensors(file), FileOf(header, std::string("\1\0\0\0xyz", 7)));
}

TEST(Safetensors, EveryTensorStartsAtAMultipleOfItsElement) {
  const std::string bytes = SerializeSafetensors(Example());
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  std::vector<std::string> names;
  uint64_t at = 0;
  const auto parsed = ParseSafetensors(bytes, "x");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  for (const NamedTensor& tensor : parsed->tensors) {
    names.push_back(tensor.name);
    const uint64_t size = tensor.dtype == "U8" ? 1 : tensor.dtype == "F32" ? 4 : 8;
    EXPECT_EQ(at % size, 0u) << tensor.name;
    at += tensor.bytes.size();
  }
  EXPECT_THAT(names, ElementsAre("counts", "scalar", "empty", "weights", "pixels"));
}

TEST(Safetensors, WhatIsWrittenIsRead) {
  const TestFolder folder;
  ASSERT_TRUE(WriteSafetensors(folder / "a.safetensors", Example()).ok());
  const auto read = ReadSafetensors(folder / "a.safetensors");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->metadata, Example().metadata);
  ASSERT_EQ(read->tensors.size(), Example().tensors.size());
  for (const NamedTensor& tensor : Example().tensors) {
    const auto found = read->Find(tensor.name);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ((*found)->dtype, tensor.dtype);
    EXPECT_EQ((*found)->shape, tensor.shape);
    EXPECT_EQ((*found)->bytes, tensor.bytes);
  }
  EXPECT_EQ(SerializeSafetensors(*read), SerializeSafetensors(Example()));
  EXPECT_THAT(*(*read->Find("counts"))->Ints(), ElementsAre(1, -2, int64_t{1} << 40));
  EXPECT_THAT(*(*read->Find("weights"))->Floats(6),
              ElementsAre(1.5f, -2.0f, 0.0f, 3e-40f, 5.0f, 6.0f));
}

TEST(Safetensors, ValuesOfAnotherTypeOrLengthAreRefused) {
  const TensorFile file = Example();
  EXPECT_TRUE(absl::IsInvalidArgument((*file.Find("weights"))->Floats(5).status()));
  EXPECT_TRUE(absl::IsInvalidArgument((*file.Find("counts"))->Floats(6).status()));
  EXPECT_TRUE(absl::IsInvalidArgument((*file.Find("weights"))->Ints().status()));
  const absl::Status missing = file.Find("biases").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("pixels, weights, counts"));
}

TEST(Safetensors, HeadersFromElsewhere) {
  // Spaces, another order of fields and tensors, no metadata: all of it is allowed.
  const auto file =
      ParseSafetensors(FileOf(R"( { "b" : {"data_offsets":[2,3],"shape":[1],"dtype":"U8"},
                  "a":{"shape":[2,1],"dtype":"U8","data_offsets":[0,2]} } )",
                              "xyz"),
                       "x");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file->Find("a"))->bytes, "xy");
  EXPECT_EQ((*file->Find("b"))->bytes, "z");
  EXPECT_TRUE(ParseSafetensors(FileOf("{}", ""), "x").ok());
  EXPECT_TRUE(ParseSafetensors(FileOf("{\"__metadata__\":{}}", ""), "x").ok());
}

struct Hostile {
  const char* header;
  const char* data;
  const char* error;
};

TEST(Safetensors, HostileHeadersAreRefusedByName) {
  const Hostile cases[] = {
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,3]}})", "xyz", "'a' is not as long"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", "xyz", "end past the file"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "xyz", "1 bytes follow"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "xyz", "gap, overlap"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
           "b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       "xyz", "gap, overlap"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},
           "a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})",
       "xyz", "'a' comes twice"},
      {R"({"a":{"dtype":"U8","shape":[3],"shape":[3],"data_offsets":[0,3]}})", "xyz",
       "field twice"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[3,0]}})", "xyz", "no valid data_offsets"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0]}})", "xyz", "no valid data_offsets"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,1,3]}})", "xyz", "more than two"},
      {R"({"a":{"dtype":"U8","shape":[-3],"data_offsets":[0,3]}})", "xyz", "negative"},
      {R"({"a":{"dtype":"U8","shape":[3.0],"data_offsets":[0,3]}})", "xyz", "fraction"},
      {R"({"a":{"dtype":"U8","shape":["3"],"data_offsets":[0,3]}})", "xyz", "a string"},
      {R"({"a":{"dtype":"U8","shape":[[3]],"data_offsets":[0,3]}})", "xyz", "a list"},
      {R"({"a":{"dtype":"U8","shape":3,"data_offsets":[0,3]}})", "xyz", "a number"},
      {R"({"a":{"dtype":"U9","shape":[3],"data_offsets":[0,3]}})", "xyz", "dtype other than"},
      {R"({"a":{"dtype":7,"shape":[3],"data_offsets":[0,3]}})", "xyz", "a number"},
      {R"({"a":{"shape":[3],"data_offsets":[0,3]}})", "xyz", "lacks"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3],"x":1}})", "xyz", "field other"},
      {R"({"a":null})", "", "null"},
      {R"({"a":[]})", "", "a list"},
      {R"({"__metadata__":{"a":1}})", "", "a number"},
      {R"({"__metadata__":{"a":{}}})", "", "an object"},
      {R"({"__metadata__":{"a":"1","a":"1"}})", "", "key twice"},
      {R"({"__metadata__":"x"})", "", "a string"},
      {R"([])", "", "no JSON object"},
      {R"({}{})", "", "no JSON from byte"},
      {"", "", "no JSON from byte"},
      // 2³² · 2³² elements of 1 byte are 0 bytes to whoever multiplies in 64 bits.
      {R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "",
       "too large"},
      {R"({"a":{"dtype":"F64","shape":[1099511627776],"data_offsets":[0,0]}})", "", "not as long"},
      {R"({"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0]}})", "",
       "fraction"},
      {R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
       "x", "too large"},
      {R"({"a":{"dtype":"U8","shape":[0],)"
       R"("data_offsets":[18446744073709551615,18446744073709551615]}})",
       "", "gap, overlap"},
  };
  for (const Hostile& each : cases) {
    EXPECT_THAT(ErrorOf(each.header, each.data), HasSubstr(each.error)) << each.header;
    EXPECT_THAT(ErrorOf(each.header, each.data), HasSubstr("a.safetensors: ")) << each.header;
  }
}

TEST(Safetensors, SizesThatLieAreRefused) {
  EXPECT_FALSE(ParseSafetensors("", "x").ok());
  EXPECT_FALSE(ParseSafetensors("1234567", "x").ok());
  for (const uint64_t length : {uint64_t{3}, uint64_t{1} << 26, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_FALSE(ParseSafetensors(bytes + "{}", "x").ok()) << length;
  }
}

TEST(Safetensors, DeepNestingEndsAtOnce) {
  EXPECT_FALSE(ParseSafetensors(FileOf("{\"a\":" + std::string(1000000, '['), ""), "x").ok());
  EXPECT_FALSE(ParseSafetensors(FileOf(std::string(1000000, '['), ""), "x").ok());
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(ParseSafetensors(FileOf(objects, ""), "x").ok());
}

TEST(Safetensors, EveryTruncationIsNoticed) {
  const std::string whole = SerializeSafetensors(Example());
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(ParseSafetensors(whole.substr(0, length), "x").ok()) << length;
  }
  EXPECT_FALSE(ParseSafetensors(whole + "x", "x").ok());
}

// Bits of the header may change a name or a value of the metadata unseen (a checkpoint's checksum
// is for that), but never what lies where: tensors and data stay as many.
TEST(Safetensors, EveryFlippedBitOfTheHeaderEndsInAStatus) {
  std::string bytes = SerializeSafetensors(Example());
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  size_t data = 0;
  for (const NamedTensor& tensor : Example().tensors) data += tensor.bytes.size();
  int refused = 0;
  for (size_t bit = 0; bit < 8 * (8 + header); ++bit) {
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const auto parsed = ParseSafetensors(bytes, "x");
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    if (!parsed.ok()) {
      ++refused;
      continue;
    }
    size_t read = 0;
    for (const NamedTensor& tensor : parsed->tensors) read += tensor.bytes.size();
    EXPECT_EQ(read, data) << bit;
  }
  EXPECT_GT(refused, static_cast<int>(4 * header));
}

// Files, other than the bytes of a checkpoint's shard, carry a checksum of their own.
TEST(Safetensors, EveryFlippedBitOfAFileIsNoticed) {
  const TestFolder folder;
  const std::string path = folder / "a.safetensors";
  ASSERT_TRUE(WriteSafetensors(path, Example()).ok());
  const std::string whole = *ReadFile(path);
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ASSERT_TRUE(WriteFileSynced(path, bytes).ok());
    const auto read = ReadSafetensors(path);
    if (!read.ok()) continue;
    // White space after the header, or the name of the checksum's own field.
    if (read->metadata.size() > Example().metadata.size()) continue;
    EXPECT_EQ(SerializeSafetensors(*read), SerializeSafetensors(Example())) << bit;
  }
}

TEST(Safetensors, AFileFromElsewhereNeedsNoChecksum) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileSynced(folder / "a", SerializeSafetensors(Example())).ok());
  const auto read = ReadSafetensors(folder / "a");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->metadata, Example().metadata);
}

// Random damage, several places at once: no crash, no exception, and what is accepted is
// consistent.
TEST(Safetensors, RandomDamage) {
  std::mt19937 random(1);
  const std::string whole = SerializeSafetensors(Example());
  const std::string spice = "{}[]\",:0123456789-.eE\\ ntf\xff\x80";
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (int i = random() % 4; i >= 0; --i) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = spice[random() % spice.size()];
          break;
        case 2:
          bytes.erase(at, random() % 8);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 30));
          break;
      }
      if (bytes.empty()) break;
    }
    const auto parsed = ParseSafetensors(bytes, "x");
    if (!parsed.ok()) continue;
    for (const NamedTensor& tensor : parsed->tensors) {
      size_t count = 1;
      for (const int64_t size : tensor.shape) count *= size;
      ASSERT_LE(count, tensor.bytes.size());
    }
  }
}

}  // namespace
}  // namespace ssnas
