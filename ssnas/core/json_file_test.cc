#include "ssnas/core/json_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ssnas/core/file.h"
#include "ssnas/core/testing/fault_harness.h"

namespace ssnas {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  return std::string(ParseJsonObject(text, "runs/a/run.json").status().message());
}

TEST(JsonFile, AnObjectIsRead) {
  const auto json =
      ParseJsonObject(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}], "d": "é"})", "x");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(IntField(*json, "a"), 1);
  EXPECT_EQ(StringField(*json, "d"), "é");
  EXPECT_EQ((*json)["c"][1]["a"], 4);
}

TEST(JsonFile, FieldsOfAnotherTypeAreNotThere) {
  const auto json = ParseJsonObject(R"({"a": "1", "b": 1.5, "c": null, "d": 2, "e": -3})", "x");
  ASSERT_TRUE(json.ok()) << json.status();
  for (const char* name : {"a", "b", "c", "none"}) EXPECT_FALSE(IntField(*json, name).has_value());
  for (const char* name : {"b", "c", "d", "none"}) {
    EXPECT_FALSE(StringField(*json, name).has_value());
  }
  EXPECT_EQ(IntField(*json, "e"), -3);
}

TEST(JsonFile, WhatIsNoObjectIsRefusedWithItsPlace) {
  for (const char* text : {"", "[]", "3", "null", "{", "{\"a\":}", "{\"a\":1}x", "{'a':1}",
                           "{\"a\":1e999}", "{\"a\":\"\xff\"}", "\x00", "{\"a\":01}"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("runs/a/run.json is damaged")) << text;
  }
}

TEST(JsonFile, ANameThatComesTwiceIsRefused) {
  EXPECT_THAT(ErrorOf(R"({"threads": 1, "threads": 2})"), HasSubstr("'threads' comes twice"));
  EXPECT_THAT(ErrorOf(R"({"a": {"b": 1, "c": [], "b": 1}})"), HasSubstr("'b' comes twice"));
  EXPECT_THAT(ErrorOf(R"({"a": [{"b": 1}, {"b": 1, "b": 1}]})"), HasSubstr("'b' comes twice"));
  EXPECT_EQ(ErrorOf(R"({"a": {"a": 1}, "b": {"a": {"a": 1}}})"), "");
}

TEST(JsonFile, DeepNestingIsRefusedBeforeItIsParsed) {
  const std::string deep(1000000, '[');
  EXPECT_THAT(ErrorOf("{\"a\":" + deep), HasSubstr("nests too deep"));
  EXPECT_EQ(ErrorOf("{\"a\": \"" + deep + "\"}"), "");  // in a string they are only characters
  EXPECT_EQ(ErrorOf("{\"a\": \"\\\"" + deep + "\"}"), "");
}

TEST(JsonFile, ALineNeverThrows) {
  EXPECT_EQ(JsonLine({{"b", 1}, {"a", 0.1}}), R"({"b":1,"a":0.1})");
  EXPECT_EQ(JsonLine({{"a", "\xff"}}), "{\"a\":\"\xEF\xBF\xBD\"}");
}

TEST(JsonFile, AMissingFileIsNotDamage) {
  const TestFolder folder;
  EXPECT_TRUE(absl::IsNotFound(ReadJsonObject(folder / "x").status()));
}

}  // namespace
}  // namespace ssnas
