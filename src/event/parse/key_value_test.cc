// key=value pairs are found where the ingest guide says they stand, typed as it says, and nowhere
// else.
#include "event/parse/key_value.h"

#include <gtest/gtest.h>

#include "event/parse/parse_testing.h"

namespace lynxdb::event {
namespace {

// All pairs of a text: `key=json`.
std::string pairs_of(std::string_view text) {
  KeyValueScanner scanner(text);
  Arena arena;
  std::string out;
  while (const auto pair = scanner.next()) {
    if (!out.empty()) out.push_back(' ');
    out.append(pair->key).push_back('=');
    append_json(typed_value(*pair, arena), out);
  }
  return out;
}

TEST(KeyValue, KeysStandAfterDelimiters) {
  for (const char c : std::string_view(" \t,;|&?([{<\"'`")) {
    EXPECT_EQ(pairs_of(std::string("x") + c + "k=1"), "k=1") << c;
  }
  EXPECT_EQ(pairs_of("k=1"), "k=1");
  EXPECT_EQ(pairs_of("x:k=1 /k=2 -k=3 9k=4 @k=5 =k=6"), "");
  EXPECT_EQ(pairs_of("a.b-c_9=1 _x=2 A=3"), "a.b-c_9=1 _x=2 A=3");
  EXPECT_EQ(pairs_of("k =1 = 2 =3"), "");
}

TEST(KeyValue, BareValuesEndAtSpacesAndMarks) {
  EXPECT_EQ(pairs_of("a=x,b=y;c=z|d=w e=v"), R"(a="x" b="y" c="z" d="w" e="v")");
  EXPECT_EQ(pairs_of("(a=x) [b=y]. {c=z}, d=\"q\" 'e=v'"), R"(a="x" b="y]." c="z" d="q" e="v")");
  EXPECT_EQ(pairs_of("a=1: b=http://x/?y=1&z=2"), R"(a=1 b="http://x/?y=1&z=2")");
  EXPECT_EQ(pairs_of("a=b=c"), R"(a="b=c")");
}

TEST(KeyValue, PairsWithoutValueArePassedOver) {
  EXPECT_EQ(pairs_of("logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=1.2.3.4 "),
            R"(uid=0 euid=0 tty="NODEVssh" rhost="1.2.3.4")");
  EXPECT_EQ(pairs_of("a="), "");
  EXPECT_EQ(pairs_of("a=) b=1"), "b=1");
}

TEST(KeyValue, QuotedValuesMayHoldAnything) {
  EXPECT_EQ(pairs_of(R"(a="x, y=1" b='it is')"), R"(a="x, y=1" b="it is")");
  EXPECT_EQ(pairs_of(R"(a="say \"hi\"\n\\ \d" b='it\'s')"), R"(a="say \"hi\"\n\\ \\d" b="it's")");
  EXPECT_EQ(pairs_of(R"(a="" b=1)"), R"(a="" b=1)");
  EXPECT_EQ(pairs_of(R"(a="open b=1)"), R"(a="\"open" b=1)");
}

TEST(KeyValue, OnlyBareValuesAreTyped) {
  EXPECT_EQ(pairs_of("a=1 b=-2 c=1.5 d=1e3 e=true f=false"),
            "a=1 b=-2 c=1.5 d=1000 e=true f=false");
  EXPECT_EQ(pairs_of("a=\"1\" b='true'"), R"(a="1" b="true")");
  EXPECT_EQ(pairs_of("a=007 b=-01 c=0 d=0.5 e=00"), R"(a="007" b="-01" c=0 d=0.5 e="00")");
  EXPECT_EQ(pairs_of("a=1.2.3.4 b=5ms c=0x1f d=True e=nan f=1e999"),
            R"(a="1.2.3.4" b="5ms" c="0x1f" d="True" e="nan" f="1e999")");
  EXPECT_EQ(pairs_of("a=9223372036854775807"), "a=9223372036854775807");
}

TEST(KeyValue, TextTakesTheFirstOfEachKey) {
  EXPECT_EQ(testing::fields_of("a=1 b=2 a=3"), "a=1 b=2");
}

TEST(KeyValue, TextNeverMovesAnEvent) {
  const ParsedChunk chunk =
      testing::parse("source=a sourcetype=b index=c _time=5 _x=1 host=h k=1\n");
  EXPECT_EQ(testing::fields_of(chunk.batch), "k=1");
  EXPECT_EQ(testing::field(chunk.batch, kIndex), "\"main\"");
  EXPECT_EQ(testing::field(chunk.batch, kSource), "null");
  EXPECT_EQ(testing::field(chunk.batch, kSourcetype), "\"text\"");
  EXPECT_EQ(testing::field(chunk.batch, kHost), "\"h\"");
}

TEST(KeyValue, TextTakesAtMost256Pairs) {
  std::string line;
  for (int i = 0; i < 300; ++i) line += "k" + std::to_string(i) + "=1 ";
  const ParsedChunk chunk = testing::parse(line);
  EXPECT_EQ(testing::field(chunk.batch, "k255"), "1");
  EXPECT_EQ(testing::field(chunk.batch, "k256"), "null");
}

}  // namespace
}  // namespace lynxdb::event
