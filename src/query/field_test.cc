// What a field name means, event by event: the field itself, its alias, a path into JSON text.
#include "query/field.h"

#include "query/expression_test_support.h"
#include "query/json_path.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Value;
using ::testing::Contains;
using ::testing::ElementsAre;

ColumnPtr texts(const std::vector<std::optional<std::string>>& values) {
  event::ColumnBuilder builder;
  for (const auto& value : values)
    builder.append(value ? event::ValueView::string(*value) : event::ValueView());
  return builder.finish();
}

std::vector<std::string> resolved(const EventBatch& batch, std::string_view name) {
  const ColumnPtr column = resolve_field(batch, name);
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < column->size(); ++row) rows.push_back(json(column->view(row)));
  return rows;
}

TEST(ResolveField, SharesTheColumnOfThatName) {
  EventBatch batch(2);
  const ColumnPtr column = Column::ints({1, 2});
  batch.set("x", column);
  EXPECT_EQ(resolve_field(batch, "x"), column);
  EXPECT_EQ(resolve_field(batch, "y")->kind(), event::Kind::kNull);
}

TEST(ResolveField, FallsBackToTheAliasWhereTheFieldIsNull) {
  EventBatch batch(3);
  batch.set("_source", texts({"nginx", "api", std::nullopt}));
  EXPECT_THAT(resolved(batch, "source"), ElementsAre("\"nginx\"", "\"api\"", "null"));
  batch.set("source", texts({std::nullopt, "own", std::nullopt}));
  EXPECT_THAT(resolved(batch, "source"), ElementsAre("\"nginx\"", "\"own\"", "null"));
  EXPECT_THAT(resolved(batch, "_source"), ElementsAre("\"nginx\"", "\"api\"", "null"));
}

TEST(ResolveField, FollowsPathsIntoJsonText) {
  EventBatch batch(4);
  batch.set("a", texts({R"({"b":{"c":1}})", R"({"b":5})", "no json", std::nullopt}));
  EXPECT_THAT(resolved(batch, "a.b.c"), ElementsAre("1", "null", "null", "null"));
  EXPECT_THAT(resolved(batch, "a.b"), ElementsAre(R"("{\"c\":1}")", "5", "null", "null"));
}

TEST(ResolveField, PrefersTheFieldThenTheLongestPrefixPerEvent) {
  EventBatch batch(3);
  batch.set("a",
            texts({R"({"b":{"c":"short"}})", R"({"b":{"c":"short"}})", R"({"b":{"c":"short"}})"}));
  batch.set("a.b", texts({R"({"c":"long"})", R"({"c":"long"})", std::nullopt}));
  batch.set("a.b.c", texts({"exact", std::nullopt, std::nullopt}));
  EXPECT_THAT(resolved(batch, "a.b.c"), ElementsAre("\"exact\"", "\"long\"", "\"short\""));
}

TEST(ResolveField, GivesAListOverAnArray) {
  EventBatch batch(2);
  batch.set("items", texts({R"([{"sku":"p","n":1},{"sku":"q"}])", "[]"}));
  EXPECT_THAT(resolved(batch, "items.sku"), ElementsAre(R"(["p","q"])", "null"));
  EXPECT_THAT(resolved(batch, "items.n"), ElementsAre("[1]", "null"));
  EXPECT_THAT(resolved(batch, "items[0].sku"), ElementsAre("\"p\"", "null"));
}

TEST(ResolveField, ReadsEachDictionaryEntryOnce) {
  EventBatch batch(3);
  batch.set("a",
            Column::dictionary({0, 1, 0}, Column::strings({R"({"b":"x"})", R"({"b":"y"})"}, {})));
  EXPECT_THAT(resolved(batch, "a.b"), ElementsAre("\"x\"", "\"y\"", "\"x\""));
}

TEST(StoredFieldsOf, NamesAllThatMayBeRead) {
  EXPECT_THAT(stored_fields_of("x"), ElementsAre("x"));
  EXPECT_THAT(stored_fields_of("source"), ElementsAre("source", "_source"));
  EXPECT_THAT(stored_fields_of("a.b.c"), ElementsAre("a.b.c", "a.b", "a"));
  EXPECT_THAT(stored_fields_of("_raw.x"), Contains("_raw"));
  EXPECT_THAT(stored_fields_of("source.x"), Contains("_source"));
}

TEST(JsonPathText, TypesScalarsAsDocumentsDo) {
  const std::string text =
      R"( {"i":-7,"f":1.0,"e":1e2,"big":123456789012345678901234567890,"s":"é\n","t":true,"n":null} )";
  EXPECT_EQ(json_path(text, "i"), Value::integer(-7));
  EXPECT_EQ(json_path(text, "f"), Value::floating(1));
  EXPECT_EQ(json_path(text, "e"), Value::floating(100));
  EXPECT_EQ(json_path(text, "big").type(), event::Type::kFloat);
  EXPECT_EQ(json_path(text, "s"), Value::string("é\n"));
  EXPECT_EQ(json_path(text, "t"), Value::boolean(true));
  EXPECT_EQ(json_path(text, "n"), Value());
  EXPECT_EQ(json_path(text, "missing"), Value());
}

TEST(JsonPathText, TakesArraysApart) {
  const std::string text = R"({"l":[1,null,"x"],"o":[1,{"k":2},[3]],"m":[[1,2],[3]],"e":[]})";
  EXPECT_EQ(json(json_path(text, "l")), R"([1,"x"])");
  EXPECT_EQ(json(json_path(text, "o")), R"("[1,{\"k\":2},[3]]")");
  EXPECT_EQ(json(json_path(text, "o[1].k")), "2");
  EXPECT_EQ(json(json_path(text, "o.k")), "[2]");
  EXPECT_EQ(json(json_path(text, "o[-1]")), "[3]");
  EXPECT_EQ(json(json_path(text, "o[-4]")), "null");
  EXPECT_EQ(json(json_path(text, "o[7]")), "null");
  EXPECT_EQ(json(json_path(text, "m[*][0]")), "[1,3]");
  EXPECT_EQ(json(json_path(text, "e[*]")), "null");
  EXPECT_EQ(json(json_path(text, "e")), "null");
  EXPECT_EQ(json(json_path("[10,20]", "[1]")), "20");
  EXPECT_EQ(json(json_path(text, "l.x")), "null");
}

TEST(JsonPathText, RefusesPathsThatAreNone) {
  for (const char* path : {"a[", "a[x]", "a..b", ".a", "a[0]b", "a[99999999999999999999]", "[]"})
    EXPECT_FALSE(JsonPath::parse(path).has_value()) << path;
  std::string deep = "a";
  for (int i = 0; i < 100; ++i) deep += ".a";
  EXPECT_FALSE(JsonPath::parse(deep).has_value());
}

TEST(JsonPathText, SurvivesDamagedText) {
  const std::string text = R"({"a":{"b":[1,2.5,"x\u00e9",{"c":null}]},"d":"\ud83d\ude00"})";
  for (const char* path : {"a.b[3].c", "a.b", "d", "a.b[*]", "a.b[-1]", "z"}) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) json_path(text.substr(0, cut), path);
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const char byte : {'\0', '"', '{', ']', ',', '\\', '\xff'}) {
        std::string damaged = text;
        damaged[i] = byte;
        json_path(damaged, path);
      }
    }
  }
  json_path(std::string(100'000, '['), "[0][0][0]");
  json_path(std::string(100'000, '['), "a");
}

}  // namespace
}  // namespace lynxdb::query
