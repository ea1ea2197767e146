// What only planning finds to be wrong in a query has a place in its text: the part that is wrong,
// wherever it stands and whatever the optimiser would make of it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "query/engine.h"
#include "query/parse_query.h"

namespace lynxdb::query {
namespace {

struct Mistake {
  // The wrong part stands between « and », which are no part of the query.
  std::string_view marked;
  std::string_view message;  // A part of it.
};

constexpr std::string_view kRowByRow = "is an aggregate and cannot be computed row by row";

constexpr Mistake kMistakes[] = {
    // Aggregates where rows are computed.
    {"| eval a=«sum(b)»", kRowByRow},
    {"| eval b=1, a = round( «avg( x )» , 2)", kRowByRow},
    {"| where «avg(a)» > 5", kRowByRow},
    {"FROM main WHERE a = 1 AND «dc(b)» > 1 | head 3", kRowByRow},
    {"| stats sum(«sum(a)») AS x", kRowByRow},
    {"| stats count, avg(a + «dc(b)»)", kRowByRow},
    {"| stats count(eval(a > 1 AND «p99(b)» > 2)) AS x", kRowByRow},
    {"| stats count by lower(«values(a)») AS v", kRowByRow},
    {"| timechart span=1h sum(«sum(a)»)", kRowByRow},
    {"| timechart count by lower(«dc(k)»)", kRowByRow},
    {"| eventstats sum(«list(a)») AS n", kRowByRow},
    {"| streamstats window=3 sum(a), max(«first(b)»)", kRowByRow},
    {"| transaction k startswith=eval(«count(a)» > 1)", kRowByRow},
    {"| transaction k maxspan=5m endswith=eval(1 = 1 AND «median(a)» > 1)", kRowByRow},
    {"| eval n\xC3\xA4me=1 -- m\xC3\xA9\n| eval a=«sum(b)»", kRowByRow},
    // Constants that are not what a function takes.
    {"| eval a=relative_time(0, «\"bad\"»)", "cannot read 'bad' as a time"},
    {"| eval a=relative_time(_time, «\"-1\" . \"x\"»)", "cannot read '-1x' as a time"},
    {"| where cidrmatch(«\"bad\"», ip)", "'bad' is not a network"},
    {"| where cidrmatch(«\"10.0.0.0/33\"», ip)", "'10.0.0.0/33' is not a network"},
    {"| eval a=json_extract(x, «\"a[\"»)", "'a[' is not a JSON path"},
    {"| eval a=json_keys(x, «\"a[\"»)", "is not a JSON path"},
    {"| eval a=json_array_length(x, «\"a[b]\"»)", "is not a JSON path"},
    {"| eval a=json_type(x, «\"[\"»)", "is not a JSON path"},
    {"| eval a=json_set(x, «\"a[\"», 1)", "is not a JSON path"},
    {"| eval a=json_remove(x, «\"a[\"»)", "is not a JSON path"},
    {"| eval a=«json_object(\"k\")»", "keys and values in pairs"},
    {"| where match(x, «\"(\" . \"a\"»)", "invalid regex"},
    {"| where x =~ («lower(\"(A\")»)", "invalid regex"},
    {"| eval a=replace(x, «upper(\"(a\")», \"b\")", "invalid regex"},
    {"| eval a=mvfind(x, «\"(\" . \"a\"»)", "invalid regex"},
    // Columns that would have one name.
    {"| timechart count by «_time»", "two columns are named '_time'"},
    {"| timechart «count AS _time» span=1h", "two columns are named '_time'"},
    {"| top a by «a»", "two columns are named 'a'"},
    {"| rare a by b, c, «b»", "two columns are named 'b'"},
    {"| top «count»", "two columns are named 'count'"},
    {"| top a by «percent»", "two columns are named 'percent'"},
    // In other pipelines of the same text.
    {"level=error | append [| eval a=«sum(b)»] | head 3", kRowByRow},
    {"| join a [FROM x | where cidrmatch(«\"bad\"», ip)]", "is not a network"},
    {"| multisearch [FROM a] [FROM b | eval c=«dc(d)»]", kRowByRow},
    {"| append [| append [| eval a=relative_time(0, «\"bad\"»)]]", "as a time"},
    {"$x = FROM main | eval a=«sum(b)»; FROM main", kRowByRow},
    {"$x = FROM main | head 3\nFROM $x | eval a=«sum(b)»", kRowByRow},
    // Where no row would ever come by, and what nobody reads.
    {"| where 1 = 2 | eval a=«sum(b)»", kRowByRow},
    {"| eval a=«sum(b)» | fields c", kRowByRow},
    {"| eval a=if(true, 1, «sum(b)»)", kRowByRow},
    {"| where false AND «sum(b)» > 1", kRowByRow},
    // The first in text order.
    {"| eval a=«sum(b)» | where dc(c) > 1", kRowByRow},
};

struct Unmarked {
  std::string text;
  base::TextSpan span;
};

Unmarked unmark(std::string_view marked) {
  constexpr std::string_view kOpen = "«";
  constexpr std::string_view kClose = "»";
  const std::size_t open = marked.find(kOpen);
  const std::size_t close = marked.find(kClose);
  const std::string_view part = marked.substr(open + kOpen.size(), close - open - kOpen.size());
  return {.text = std::string(marked.substr(0, open)) + std::string(part) +
                  std::string(marked.substr(close + kClose.size())),
          .span = {static_cast<std::uint32_t>(open), static_cast<std::uint32_t>(part.size())}};
}

// What the parser, or else the planner, says first.
std::optional<spl2::ParseError> first_mistake(const std::string& text) {
  auto parsed = parse_query(text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return errors->front();
  const Result<> checked =
      check(std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed))), {});
  if (checked.has_value()) return std::nullopt;
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(checked.error().span.has_value()) << "an error of planning without its place";
  return spl2::ParseError{checked.error().span.value_or(spl2::Span{}), checked.error().message,
                          checked.error().suggestion};
}

TEST(PlanErrors, MarkThePartThatIsWrong) {
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.marked);
    const Unmarked expected = unmark(mistake.marked);
    const std::optional<spl2::ParseError> found = first_mistake(expected.text);
    if (!found.has_value()) {
      ADD_FAILURE() << "no mistake was found";
      continue;
    }
    EXPECT_NE(found->message.find(mistake.message), std::string::npos) << found->message;
    EXPECT_EQ(expected.text.substr(found->span.offset, found->span.length),
              expected.text.substr(expected.span.offset, expected.span.length));
    EXPECT_EQ(found->span.offset, expected.span.offset);
  }
}

TEST(PlanErrors, AreNoneOfWhatIsRight) {
  for (const std::string text :
       {"| stats avg(x) by k | where avg(x) > 5 | eval a=avg(x) + 1", "| top a by b",
        "| where relative_time(_time, \"-1d@d\") > 0 AND cidrmatch(\"10.0.0.0/8\", ip)",
        "| eval a=json_extract(x, \"a[0].b\"), b=json_keys(x)",
        "$x = FROM main | stats sum(a); FROM $x | where sum(a) > 1"})
    EXPECT_FALSE(first_mistake(text).has_value()) << text;
}

}  // namespace
}  // namespace lynxdb::query
