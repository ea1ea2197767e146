// Each command reads every form of the command table, and says what is wrong with the others.
#include <gmock/gmock.h>

#include "spl2/command_table.h"
#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Commands, EvalAssignsLeftToRight) {
  const auto eval = only_command<EvalCommand>("eval a=1, `b c` = a + 1, \"d\"=2");
  ASSERT_EQ(eval.assignments.size(), 3U);
  EXPECT_EQ(eval.assignments[1].field, "b c");
  EXPECT_EQ(eval.assignments[2].field, "d");
  EXPECT_EQ(error_of("eval count(x)"),
            "count is an aggregate, and eval works on one row; stats count(...)");
  EXPECT_EQ(error_of("eval lower(x)"), "eval sets a field; eval result = lower(...)");
  std::string many = "table a";
  for (int i = 0; i < 1'000; ++i) many += ",a";
  EXPECT_THAT(error_of(many), HasSubstr("names at most 1000 fields"));
  EXPECT_EQ(error_of("timechart span=5m span=6m count"), "option 'span' is given twice");
  EXPECT_EQ(error_of("join type=left type=inner k [search a]"), "option 'type' is given twice");
  EXPECT_EQ(error_of("eval a"), "expected '=' at the end; eval a = ...");
  EXPECT_EQ(error_of("eval a=1 b=2"), "expected ',' before 'b'; eval a = 1, b = 2");
}

TEST(Commands, FieldsKeepsRemovesAndGlobs) {
  const auto fields = only_command<FieldsCommand>("fields - a, b*, \"c*\"");
  EXPECT_TRUE(fields.remove);
  EXPECT_TRUE(fields.fields[1].glob);
  EXPECT_FALSE(fields.fields[2].glob);
  EXPECT_TRUE(only_command<FieldsCommand>("table a").table);
  EXPECT_FALSE(only_command<FieldsCommand>("fields + a").remove);
  EXPECT_EQ(canonical("table Avg( x ), web-01:a/b"), "table `avg(x)`, web-01:a/b");
  EXPECT_THAT(hints_of("table a b"), ElementsAre(HasSubstr("commas")));
  EXPECT_EQ(error_of("fields"), "fields needs a field at the end");
  EXPECT_EQ(error_of("table a,"), "expected a field name at the end");
  EXPECT_EQ(error_of("table 200"), "expected a field name before '200'; \"200\"");
}

TEST(Commands, RenameTakesPairs) {
  EXPECT_EQ(canonical("rename a AS b, b as \"a b\""), "rename a AS b, b AS `a b`");
  EXPECT_EQ(error_of("rename a b"), "expected AS before 'b'; rename a AS new_name");
  EXPECT_THAT(error_of("rename a* AS b*"), HasSubstr("not supported yet"));
}

TEST(Commands, HeadAndTailCountRows) {
  EXPECT_EQ(only_command<HeadCommand>("head").count, 10U);
  EXPECT_EQ(only_command<HeadCommand>("limit 5").count, 5U);
  EXPECT_EQ(only_command<TailCommand>("tail 3").count, 3U);
  EXPECT_EQ(query_of("limit 5").main->commands[0].name, "head");
  EXPECT_THAT(hints_of("head limit=10"), ElementsAre(HasSubstr("head N")));
  EXPECT_EQ(error_of("head -5"), "expected a whole number, not '-5'");
  EXPECT_EQ(error_of("head x"), "expected a whole number, not 'x'");
  EXPECT_EQ(error_of("head 99999999999999999999"),
            "expected a whole number, not '99999999999999999999'");
  EXPECT_EQ(error_of("head 5 6"), "unexpected '6' after head");
}

TEST(Commands, SortReadsSignsAndWords) {
  EXPECT_EQ(canonical("sort -a, +b, c desc, d ASC, - e"), "sort -a, b, -c, d, -e");
  EXPECT_EQ(canonical("sort -avg(duration_ms)"), "sort -`avg(duration_ms)`");
  EXPECT_EQ(canonical("sort 10 -f"), "sort -f | head 10");
  EXPECT_EQ(canonical("sort 0 f"), "sort f");
  EXPECT_EQ(error_of("sort"), "sort needs a field at the end; sort -field");
  EXPECT_EQ(error_of("sort by x"), "sort takes its fields without 'by'; sort field");
}

TEST(Commands, DedupCountsPerCombination) {
  EXPECT_EQ(only_command<DedupCommand>("dedup 3 a, b").count, 3U);
  EXPECT_THAT(only_command<DedupCommand>("dedup a b").fields, ElementsAre("a", "b"));
  EXPECT_EQ(error_of("dedup 0 a"),
            "the number of rows that dedup keeps of each kind must be at least 1");
  EXPECT_EQ(error_of("dedup"), "dedup needs a field at the end");
}

TEST(Commands, StatsNamesItsColumns) {
  const auto stats = only_command<StatsCommand>(
      "stats count() count(x), Mean( y ) p99.9(z) median(z) AS m perc(z, 5) count(s>=500) "
      "count(eval(f)) by a b, "
      "time_bucket(_time, \"5m\") AS t");
  std::vector<std::string> outputs;
  for (const Aggregate& aggregate : stats.aggregates) outputs.push_back(aggregate.output);
  EXPECT_THAT(outputs, ElementsAre("count", "count(x)", "mean(y)", "p99.9(z)", "m", "perc(z,5)",
                                   "count(s>=500)", "count(eval(f))"));
  EXPECT_EQ(stats.aggregates[0].argument, nullptr);
  EXPECT_FALSE(stats.aggregates[1].counts_condition);
  EXPECT_EQ(stats.aggregates[2].function, "avg");
  EXPECT_DOUBLE_EQ(stats.aggregates[3].percentile, 99.9);
  EXPECT_DOUBLE_EQ(stats.aggregates[4].percentile, 50);
  EXPECT_DOUBLE_EQ(stats.aggregates[5].percentile, 5);
  EXPECT_TRUE(stats.aggregates[6].counts_condition);
  EXPECT_TRUE(stats.aggregates[7].counts_condition);
  ASSERT_EQ(stats.by.size(), 3U);
  EXPECT_EQ(stats.by[2].output, "t");
}

TEST(Commands, StatsSaysWhatIsWrong) {
  EXPECT_EQ(error_of("stats by x"), "stats needs an aggregate; stats count by x");
  EXPECT_EQ(error_of("stats"), "stats needs an aggregate; stats count");
  EXPECT_EQ(error_of("stats cuont"), "unknown aggregate 'cuont'; count");
  EXPECT_EQ(error_of("stats sum"), "sum needs its field in parentheses; sum(field)");
  EXPECT_EQ(error_of("stats lower(x)"), "'lower' is no aggregate; eval x = lower(...) first");
  EXPECT_EQ(error_of("stats count c"),
            "expected an aggregate, not 'c'; count(c), count AS c or count by c");
  EXPECT_EQ(error_of("stats c"), "expected an aggregate, not 'c'; count by c");
  EXPECT_EQ(error_of("stats sum(a) bytes"),
            "expected an aggregate, not 'bytes'; sum(a) AS bytes or sum(a) by bytes");
  EXPECT_EQ(error_of("stats count by k by code"),
            "'by' is given twice: its keys are one list; by k, code");
  EXPECT_EQ(error_of("stats count by a, b by c"),
            "'by' is given twice: its keys are one list; by b, c");
  EXPECT_EQ(canonical("stats count by k, by"), "stats count by k, `by`");
  EXPECT_EQ(error_of("stats count head"), "expected an aggregate before 'head'; | head");
  EXPECT_EQ(error_of("stats count, count"), "two columns are named 'count'; AS another_name");
  EXPECT_EQ(error_of("stats count AS x, sum(y) AS z by x"),
            "two columns are named 'x'; AS another_name");
  EXPECT_EQ(error_of("stats count(*)"), "expected ')' before '*'; count");
  EXPECT_EQ(error_of("stats avg(x, y)"), "avg() takes 1 argument, not 2");
  EXPECT_EQ(error_of("stats perc(x)"), "perc() takes a field and a number, not 1; perc(field, 95)");
  EXPECT_EQ(error_of("stats perc(x, 101)"),
            "the percentile must be a number from 0 to 100; perc(field, 95)");
  EXPECT_EQ(error_of("stats p101(x)"), "unknown aggregate 'p101'");
  EXPECT_EQ(error_of("stats count span=5m"), "stats has no option 'span'");
  EXPECT_EQ(error_of("stats count,"), "expected an aggregate after ',' at the end");
  EXPECT_EQ(error_of("stats count by"), "expected a field name at the end");
  EXPECT_EQ(error_of("stats count AS"), "expected a field name at the end");
  EXPECT_EQ(error_of("stats rate(x)"), "aggregate 'rate' is not supported");
}

TEST(Commands, TimechartTakesItsOptionsAnywhere) {
  for (const char* text :
       {"timechart count span=5m by host", "timechart span=5m count by host",
        "timechart count by host span=5m", "timechart SPAN = \"5m\" count BY host"})
    EXPECT_EQ(canonical(text), "timechart span=5m count by host") << text;
  const auto chart = only_command<TimechartCommand>(
      "timechart limit=3 useother=f usenull=false cont=0 format=long count");
  EXPECT_EQ(chart.limit, 3U);
  EXPECT_FALSE(chart.use_other || chart.use_null || chart.fill);
  EXPECT_TRUE(chart.long_format);
  EXPECT_EQ(error_of("timechart spam=5m count"), "timechart has no option 'spam'; span");
  EXPECT_EQ(error_of("timechart span=5x count"), "'5x' is no time span; 5m, 1h or 1d");
  EXPECT_EQ(error_of("timechart cont=maybe count"), "expected true or false, not 'maybe'");
  EXPECT_THAT(error_of("timechart count by a, b"), HasSubstr("one field behind by"));
  EXPECT_EQ(error_of("timechart format=tall count"), "unknown format 'tall'; long or wide");
}

TEST(Commands, StreamstatsAndEventstatsReadAggregates) {
  const auto stream =
      only_command<StreamstatsCommand>("streamstats current=false sum(x) window=5 by h");
  EXPECT_EQ(stream.window, 5U);
  EXPECT_FALSE(stream.current);
  EXPECT_EQ(canonical("eventstats avg(x) by h"), "eventstats avg(x) by h");
}

TEST(Commands, BinTakesTimesAndNumbers) {
  EXPECT_EQ(only_command<BinCommand>("bin _time span=5m AS t").output, "t");
  EXPECT_EQ(only_command<BinCommand>("bin span=5m _time").output, "_time");
  EXPECT_TRUE(only_command<BinCommand>("bin x span=100").number_span_is_int);
  EXPECT_DOUBLE_EQ(*only_command<BinCommand>("bin x span=0.5").number_span, 0.5);
  EXPECT_EQ(only_command<BinCommand>("bin x span=1mon").time_span->months, 1);
  EXPECT_FALSE(only_command<BinCommand>("bin x").time_span);
  EXPECT_EQ(error_of("bin x span=0"), "'0' is no span; 5m, 1h or 100");
  EXPECT_EQ(error_of("bin span=5m"), "bin needs a field at the end; bin _time span=5m");
}

TEST(Commands, TopTakesOneFieldAndGroups) {
  const auto top = only_command<TopCommand>("top 5 uri by host, user");
  EXPECT_EQ(top.limit, 5U);
  EXPECT_THAT(top.by, ElementsAre("host", "user"));
  EXPECT_EQ(only_command<TopCommand>("top limit=3 f").limit, 3U);
  EXPECT_TRUE(only_command<TopCommand>("rare f").rare);
  EXPECT_EQ(error_of("top a, b"),
            "top takes one field: unexpected text before ','; top a by another_field");
  EXPECT_EQ(error_of("top"), "top needs a field at the end");
  for (const char* twice : {"top 1 limit=2 k", "top limit=2 1 k", "top 1 2 k", "rare 3 k limit=3"})
    EXPECT_EQ(error_of(twice), "the limit is given twice") << twice;
  EXPECT_EQ(error_of("top limit=0 k"), "the limit must be at least 1");
  EXPECT_EQ(error_of("top k by a by b"), "'by' is given twice: its keys are one list; by a, b");
  EXPECT_EQ(error_of("top k limit=2 limt=3"), "top has no option 'limt'; limit");
}

TEST(Commands, RexFindsItsGroups) {
  const auto rex =
      only_command<RexCommand>(R"q(rex field=m "\((?P<a>[(?<x>]+)(?<b>\w)(?:c)" max_match=0)q");
  EXPECT_EQ(rex.field, "m");
  EXPECT_THAT(rex.groups, ElementsAre("a", "b"));
  EXPECT_EQ(rex.max_match, 0U);
  EXPECT_THAT(error_of("rex \"a(b)\""), HasSubstr("rex needs a named group; (?P<name>"));
  EXPECT_THAT(error_of("rex \"(?P<a>x)(?!y)\""), HasSubstr("look-around"));
  EXPECT_THAT(error_of("rex mode=sed \"s/a/b/\""), HasSubstr("not supported yet"));
  EXPECT_EQ(marked_by_error("rex field=x \"a(b)\""), "\"a(b)\"");
}

TEST(Commands, FillnullReadsTypedValues) {
  EXPECT_EQ(only_command<FillnullCommand>("fillnull").value, Literal{std::int64_t{0}});
  EXPECT_EQ(only_command<FillnullCommand>("fillnull value=\"0\" a").value,
            Literal{std::string("0")});
  EXPECT_EQ(only_command<FillnullCommand>("fillnull value=N/A").value, Literal{std::string("N/A")});
  EXPECT_EQ(only_command<FillnullCommand>("fillnull a, b value=1.5").value, Literal{1.5});
  EXPECT_THAT(only_command<FillnullCommand>("fillnull value=0 a b").fields, ElementsAre("a", "b"));
}

TEST(Commands, JoinAppendAndMultisearchTakeSubsearches) {
  const auto join = only_command<JoinCommand>("join type=outer a, b [FROM x]");
  EXPECT_EQ(join.type, JoinCommand::Type::kLeft);
  EXPECT_THAT(join.fields, ElementsAre("a", "b"));
  EXPECT_EQ(only_command<JoinCommand>("join a type=full [b]").type, JoinCommand::Type::kFull);
  EXPECT_EQ(error_of("join type=innr a [b]"), "unknown join type 'innr'; inner");
  EXPECT_EQ(error_of("join [b]"), "join needs a field at the end; join field [ ... ]");
  EXPECT_THAT(error_of("join a"), HasSubstr("needs a subsearch"));
  EXPECT_THAT(error_of("append b"), HasSubstr("needs a subsearch"));
  EXPECT_EQ(only_command<MultisearchCommand>("multisearch [a] [b] [c]").subs.size(), 3U);
  EXPECT_THAT(error_of("multisearch [a]"), HasSubstr("two or more"));
  EXPECT_THAT(error_of("a | multisearch [a] [b]"), HasSubstr("must be the first"));
  EXPECT_THAT(error_of("FROM a | multisearch [a] [b]"), HasSubstr("must be the first"));
}

TEST(Commands, TransactionReadsConditions) {
  const auto t = only_command<TransactionCommand>(
      "transaction a b maxspan=1h maxpause=30s maxevents=5 startswith=\"log in\" "
      "endswith=eval(x=1)");
  EXPECT_THAT(t.fields, ElementsAre("a", "b"));
  EXPECT_EQ(t.maxspan_ns, 3'600'000'000'000);
  EXPECT_EQ(t.maxpause_ns, 30'000'000'000);
  EXPECT_EQ(t.maxevents, 5U);
  EXPECT_EQ(t.startswith->search->kind, SearchKind::kText);
  EXPECT_EQ(t.endswith->expr->kind, ExprKind::kCompare);
  EXPECT_TRUE(
      only_command<TransactionCommand>("transaction a startswith=(b c=1)").startswith->search);
  EXPECT_THAT(error_of("transaction a startswith=b"), HasSubstr("expected a condition"));
  EXPECT_THAT(error_of("transaction a startswith=\"b"), HasSubstr("never closed"));
  EXPECT_THAT(error_of("transaction maxspan=1h"), HasSubstr("needs a field"));
  EXPECT_THAT(error_of("transaction a maxspan=soon"), HasSubstr("no duration"));
}

TEST(Commands, SmallOnesReadTheirFields) {
  EXPECT_EQ(only_command<XyseriesCommand>("xyseries a b c").value, "c");
  EXPECT_EQ(only_command<XyseriesCommand>("xyseries a, b, c").y, "b");
  EXPECT_THAT(error_of("xyseries a b"), HasSubstr("three fields"));
  EXPECT_EQ(only_command<UnrollCommand>("| unroll field=a").field, "a");
  EXPECT_EQ(only_command<UnrollCommand>("| mvexpand a").field, "a");
  EXPECT_TRUE(only_command<RegexCommand>("| regex f!=\"a\"").negated);
  EXPECT_EQ(only_command<RegexCommand>("| regex \"a\"").field, "_raw");
  EXPECT_EQ(canonical("| extract a"), "fields a");
}

TEST(Commands, UnknownOnesGetASuggestion) {
  EXPECT_EQ(error_of("level=error | staats count"), "unknown command 'staats'; stats");
  EXPECT_EQ(error_of("a | qwertz"), "unknown command 'qwertz'");
  EXPECT_THAT(error_of("a | unpack_json"), HasSubstr("not supported yet"));
  EXPECT_THAT(error_of("unpack_json"), HasSubstr("not supported yet"));
  EXPECT_THAT(error_of("pack_json into x"), HasSubstr("not supported yet"));
  EXPECT_THAT(error_of("a | makeresults"), HasSubstr("not supported yet"));
  EXPECT_THAT(error_of("a | chart count over x by y"), HasSubstr("not supported yet; stats"));
  EXPECT_EQ(error_of("a | tstats count"), "command 'tstats' is not supported; stats");
  EXPECT_EQ(error_of("a | lookup x"), "command 'lookup' is not supported; join field [ ... ]");
  EXPECT_EQ(error_of("a | `macro(1)`"), "macros are not supported; write the macro's text");
}

TEST(Commands, NamesAreKnownForCompletion) {
  for (const std::string_view name : command_names())
    EXPECT_TRUE(name == "from" || find_command(name)) << name;
  EXPECT_TRUE(is_leading_command("Stats"));
  EXPECT_FALSE(is_leading_command("reverse"));
}

}  // namespace
}  // namespace lynxdb::spl2
