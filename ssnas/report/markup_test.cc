#include "ssnas/report/markup.h"

#include <string>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

TEST(EscapeTest, MarkupCharactersBecomeEntities) {
  EXPECT_EQ(Escape("<script>alert('x') && \"y\"</script>"),
            "&lt;script&gt;alert(&#39;x&#39;) &amp;&amp; &quot;y&quot;&lt;/script&gt;");
}

TEST(EscapeTest, KeepsUtf8) { EXPECT_EQ(Escape("α → ‖, naïve 𝛼\n\t"), "α → ‖, naïve 𝛼\n\t"); }

TEST(EscapeTest, ReplacesWhatIsNoText) {
  const std::string bad = "\uFFFD";
  EXPECT_EQ(Escape(std::string("a\0b", 3)), "a" + bad + "b");
  EXPECT_EQ(Escape("\x1b[31m"), bad + "[31m");
  EXPECT_EQ(Escape("\xff\xfe"), bad + bad);
  EXPECT_EQ(Escape("\xc0\xbc"), bad + bad);            // "<" in two bytes, which is not allowed
  EXPECT_EQ(Escape("\xed\xa0\x80"), bad + bad + bad);  // half of a surrogate pair
  EXPECT_EQ(Escape("x\xe2\x86"), "x" + bad + bad);     // cut short
  EXPECT_EQ(Escape("\xc2\x85"), bad + bad);            // a control character beyond ASCII
}

TEST(ShortenTest, CountsCharactersAndNeverCutsOne) {
  EXPECT_EQ(Shorten("abc", 3), "abc");
  EXPECT_EQ(Shorten("abcd", 3), "ab…");
  EXPECT_EQ(Shorten("αβγδ", 3), "αβ…");
  EXPECT_EQ(Shorten("αβγ", 3), "αβγ");
  EXPECT_EQ(Shorten("", 3), "");
}

TEST(MarkupTest, ElementsNestAndAttributesAreEscaped) {
  Markup markup;
  markup.Open("p", {{"title", "a\"b<c"}}).Text("1 < 2").Leaf("br").Leaf("b", {}, "&").Close();
  EXPECT_EQ(markup.str(), "<p title=\"a&quot;b&lt;c\">1 &lt; 2<br/><b>&amp;</b></p>\n");
  EXPECT_EQ(XmlError(markup.str()), "");
}

TEST(MarkupTest, EmptyElementsAreWrittenWithBothTags) {
  Markup markup;
  markup.Leaf("td");
  EXPECT_EQ(markup.str(), "<td></td>");
}

TEST(MarkupDeathTest, AnOpenElementIsABug) {
  Markup markup;
  markup.Open("p");
  EXPECT_DEATH(markup.str(), "still open");
}

// The checker that the other tests trust must itself find faults.
TEST(XmlErrorTest, FindsFaults) {
  EXPECT_EQ(XmlError("<a b=\"c\"><d/>&amp;</a>"), "");
  for (const char* bad :
       {"<a>", "<a></b>", "</a>", "<a b=c></a>", "<a b=\"1\" b=\"2\"></a>", "a & b",
        "<a b=\"<\"></a>", "<a b=\"1></a>", "< a></a>", "&nbsp;", "<a", "\x01"}) {
    EXPECT_NE(XmlError(bad), "") << bad;
  }
}

}  // namespace
}  // namespace ssnas::report
