// What the command line promises about flags: each is used or reported, values are taken as they
// stand, and text that looks odd (brackets, dashes after --) reaches the command unchanged.
#include "cli/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/arguments.h"

namespace lynxdb::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Parsed {
  Arguments arguments;
  std::optional<Error> error;
};

Parsed parse(const std::vector<std::string>& args) {
  Parsed parsed;
  FlagSet flags;
  declare_global_flags(flags, parsed.arguments);
  declare_input_flags(flags, parsed.arguments);
  declare_run_flags(flags, parsed.arguments);
  flags.value("--source", "LABEL", parsed.arguments.source, "");
  flags.choice("--analyze", {"basic", "full", "trace"}, parsed.arguments.analyze, "");
  flags.unbuilt("--copy");
  auto positionals = flags.parse(args);
  if (positionals.has_value())
    parsed.arguments.positionals = *positionals;
  else
    parsed.error = positionals.error();
  return parsed;
}

TEST(Flags, TakeValuesWithEqualsSignOrAsTheNextArgument) {
  EXPECT_EQ(parse({"--since=15m"}).arguments.since, "15m");
  EXPECT_EQ(parse({"--since", "15m"}).arguments.since, "15m");
  EXPECT_EQ(parse({"-s", "15m"}).arguments.since, "15m");
  EXPECT_EQ(parse({"-s15m"}).arguments.since, "15m");
  EXPECT_EQ(parse({"-s=15m"}).arguments.since, "15m");
}

TEST(Flags, TakeValuesThatStartWithADash) {
  EXPECT_EQ(parse({"--since", "-1h"}).arguments.since, "-1h");
  EXPECT_THAT(parse({"-f", "-"}).arguments.files, ElementsAre("-"));
}

TEST(Flags, KeepEmptyValues) {
  const Parsed parsed = parse({"--source=", "level=error"});
  EXPECT_EQ(parsed.arguments.source, "");
  EXPECT_THAT(parsed.arguments.positionals, ElementsAre("level=error"));
}

TEST(Flags, LeaveQueriesAsTheyAre) {
  EXPECT_THAT(parse({"[a,b]"}).arguments.positionals, ElementsAre("[a,b]"));
  EXPECT_THAT(parse({"-f", "[ab].log", "a=b"}).arguments.files, ElementsAre("[ab].log"));
}

TEST(Flags, EndAtTwoDashes) {
  const Parsed parsed = parse({"-q", "--", "--since", "-v"});
  EXPECT_TRUE(parsed.arguments.quiet);
  EXPECT_FALSE(parsed.arguments.verbose);
  EXPECT_THAT(parsed.arguments.positionals, ElementsAre("--since", "-v"));
}

TEST(Flags, MayStandAnywhereAndBeJoined) {
  const Parsed parsed = parse({"-qv", "query", "-Fcsv", "--no-stats=false"});
  EXPECT_TRUE(parsed.arguments.quiet);
  EXPECT_TRUE(parsed.arguments.verbose);
  EXPECT_FALSE(parsed.arguments.no_stats);
  EXPECT_EQ(parsed.arguments.format, "csv");
  EXPECT_THAT(parsed.arguments.positionals, ElementsAre("query"));
}

TEST(Flags, RepeatOnlyWhereThatMeansSomething) {
  EXPECT_THAT(parse({"-f", "a", "--file=b"}).arguments.files, ElementsAre("a", "b"));
  EXPECT_THAT(parse({"-s", "1h", "-s", "2h"}).error->message, HasSubstr("given twice"));
}

TEST(Flags, WithOptionalValueTakeTheNextWordOnlyIfItIsAChoice) {
  const Parsed followed = parse({"--analyze", "full", "q"});
  EXPECT_EQ(followed.arguments.analyze, "full");
  EXPECT_THAT(followed.arguments.positionals, ElementsAre("q"));

  const Parsed alone = parse({"--analyze", "level=error"});
  EXPECT_EQ(alone.arguments.analyze, "basic");
  EXPECT_THAT(alone.arguments.positionals, ElementsAre("level=error"));

  EXPECT_EQ(parse({"--analyze=trace"}).arguments.analyze, "trace");
  EXPECT_TRUE(parse({"--analyze=all"}).error.has_value());
}

TEST(Flags, ThatAreUnknownGetTheNearestName) {
  const Parsed parsed = parse({"--fromat", "csv"});
  ASSERT_TRUE(parsed.error.has_value());
  EXPECT_EQ(parsed.error->message, "unknown flag '--fromat'");
  EXPECT_EQ(parsed.error->suggestion, "did you mean --format?");
  EXPECT_THAT(parse({"-15m"}).error->message, HasSubstr("'-15m'"));
  EXPECT_EQ(parse({"--nope"}).error->suggestion, "");  // Not --copy: it cannot be had.
  EXPECT_EQ(parse({"--coppy"}).error->suggestion, "");
}

TEST(Flags, OfLaterReleasesAreReported) {
  EXPECT_THAT(parse({"--copy"}).error->message, HasSubstr("not part of this build"));
}

TEST(Flags, WithoutTheirValueAreReported) {
  EXPECT_EQ(parse({"--since"}).error->message, "flag --since needs a value");
  EXPECT_TRUE(parse({"--quiet=perhaps"}).error.has_value());
}

TEST(Flags, FirstPositionalPassesOverValues) {
  Arguments arguments;
  FlagSet flags;
  declare_global_flags(flags, arguments);
  const std::vector<std::string> args = {"--format", "csv", "-q", "query", "x"};
  EXPECT_EQ(flags.first_positional(args), 3U);
  const std::vector<std::string> none = {"-q", "--", "query"};
  EXPECT_EQ(flags.first_positional(none), std::nullopt);
}

}  // namespace
}  // namespace lynxdb::cli
