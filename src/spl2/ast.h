// The syntax tree of SPL2: what was written, with positions, before anything is resolved.
//
// Plain data, owned top down. Produced by parser.h; read by query/plan. No node is ever missing a
// required child: the parser reports an error instead.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace lynxdb::spl2 {

// Bytes [offset, offset + length) of the original query text.
using Span = base::TextSpan;

// null, bool, int, float, string.
using Literal = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// --- Expressions (where, eval, arguments) --------------------------------------------------------

enum class ExprKind : std::uint8_t {
  kLiteral,  // literal
  kField,    // name
  kCall,     // name(args...), name in lower case; arity and literal arguments already checked
  kAnd,
  kOr,          // args: two or more
  kNot,         // args[0]
  kNegate,      // -args[0]
  kCompare,     // args[0] op args[1]; op: = != < <= > >=
  kArithmetic,  // args[0] op args[1]; op: + - * / % . (concatenation)
  kCoalesce,    // args[0] ?? args[1]
  kIn,          // args[0] [NOT] IN (args[1..])
  kBetween,     // args[0] [NOT] BETWEEN args[1] AND args[2]
  kLike,        // args[0] [NOT] LIKE args[1]
  kILike,
  kIsNull,  // args[0] IS [NOT] NULL
  kRegex,   // args[0] =~ args[1]; negated for !~
};

enum class Op : std::uint8_t {
  kNone,
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kConcat
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  Op op = Op::kNone;
  bool negated = false;  // NOT IN, NOT LIKE, IS NOT NULL, !~ ...
  std::string name{};    // Field name, or function name in lower case.
  Literal literal{};
  std::vector<ExprPtr> args{};
  Span span{};
  // The call's text without spaces outside quotes, function in lower case ("avg(duration_ms)"): a
  // call whose text equals a column made upstream is that column (query/plan decides).
  std::string call_text{};
  std::uint32_t height = 1;  // Levels of the tree from here down; the parser allows 1000.
};

// --- Search expressions (start of a query, `search`)
// -----------------------------------------------

enum class SearchKind : std::uint8_t {
  kAll,  // `*` alone: every event.
  kAnd,
  kOr,       // args: two or more
  kNot,      // args[0]
  kText,     // _raw contains `pattern` (case-insensitive)
  kTerm,     // TERM(x)
  kCase,     // CASE(x): with case
  kCompare,  // field op value
  kIn,       // field [NOT] IN (values)
  kLike,     // field [NOT] LIKE value
};

// A word, phrase or value with wildcards: the literal pieces between the stars, unescaped. "err*or"
// is {"err", "or"}; "*x" is {"", "x"}; a plain value is one piece. Stars in quotes are wildcards
// too.
struct SearchPattern {
  std::vector<std::string> pieces;
  std::string text;  // As written, unquoted and unescaped, stars kept (for `field op number`).
  bool quoted = false;
  bool has_wildcard() const { return pieces.size() > 1; }
};

struct SearchExpr;
using SearchPtr = std::shared_ptr<const SearchExpr>;

struct SearchExpr {
  SearchKind kind = SearchKind::kAll;
  Op op = Op::kNone;
  bool negated = false;  // NOT IN, NOT LIKE. (`NOT f=v` is a kNot node: it differs from `f!=v`.)
  std::string field{};
  std::vector<SearchPattern> values{};  // One, or the list of IN.
  std::vector<SearchPtr> args{};
  Span span{};
};

// --- Parts of commands
// -----------------------------------------------------------------------------

// One aggregate of stats, timechart, eventstats, streamstats.
struct Aggregate {
  std::string function;   // Canonical: count sum avg min max dc values list stdev stdevp var varp
                          // perc earliest latest first last mode range sumsq ... (aliases resolved:
                          // mean -> avg, distinct_count -> dc, median/pN/percN/percentile -> perc).
  double percentile = 0;  // For perc: 0 to 100.
  ExprPtr argument;       // Null for count without argument. A lone kField, or any expression.
  bool counts_condition = false;  // count(EXPR), count(eval(EXPR)): rows where argument is true.
  std::string output;             // AS name, or the default name.
  Span span;
};

// A `by` key: a field, or a call with optional alias.
struct ByKey {
  ExprPtr expr;
  std::string output;
  Span span;
};

struct FieldName {
  std::string name;  // May hold `*` where globs are allowed.
  bool glob = false;
  Span span;
};

struct SortKey {
  std::string field;
  bool descending = false;
  Span span;
};

// A duration or calendar span as written: 5m, 1h30m, 1mon.
struct TimeSpan {
  std::int64_t ns = 0;  // 0 when months is set.
  std::int32_t months = 0;
  std::string text;  // Canonical short text, "5m".
};

struct Pipeline;
using PipelinePtr = std::shared_ptr<const Pipeline>;

// --- Commands
// ----------------------------------------------------------------------------------------

struct SearchCommand {
  SearchPtr expr;
};
struct WhereCommand {
  ExprPtr expr;
};
struct EvalCommand {
  struct Assignment {
    std::string field;
    ExprPtr expr;
    Span span;
  };
  std::vector<Assignment> assignments;
};
struct FieldsCommand {
  bool remove = false;
  bool table = false;
  std::vector<FieldName> fields;
};
struct RenameCommand {
  struct Pair {
    std::string from;
    std::string to;
    Span span;
  };
  std::vector<Pair> pairs;
};
struct HeadCommand {
  std::uint64_t count = 10;
};
struct TailCommand {
  std::uint64_t count = 10;
};
struct SortCommand {
  std::vector<SortKey> keys;
};
struct DedupCommand {
  std::uint64_t count = 1;
  std::vector<std::string> fields;
};
struct StatsCommand {
  std::vector<Aggregate> aggregates;
  std::vector<ByKey> by;
};
struct EventstatsCommand {
  std::vector<Aggregate> aggregates;
  std::vector<ByKey> by;
};
struct StreamstatsCommand {
  std::uint64_t window = 0;
  bool current = true;
  std::vector<Aggregate> aggregates;
  std::vector<ByKey> by;
};
struct TimechartCommand {
  std::vector<Aggregate> aggregates;
  std::optional<ByKey> by;
  std::optional<TimeSpan> span;
  std::uint64_t limit = 10;  // 0 = all.
  bool use_other = true;
  bool use_null = true;
  bool fill = true;          // cont=
  bool long_format = false;  // format=long
};
struct BinCommand {
  std::string field;
  std::optional<TimeSpan> time_span;
  std::optional<double> number_span;
  bool number_span_is_int = false;
  std::string output;
};
struct TopCommand {
  bool rare = false;
  std::uint64_t limit = 10;
  std::string field;
  std::vector<std::string> by;
};
struct RexCommand {
  std::string field = "_raw";
  std::string regex;
  std::vector<std::string> groups;
  std::uint64_t max_match = 1;
  Span regex_span;
};
struct FillnullCommand {
  Literal value = std::int64_t{0};
  std::vector<std::string> fields;
};
struct JoinCommand {
  enum class Type : std::uint8_t { kInner, kLeft, kFull };
  Type type = Type::kInner;
  std::vector<std::string> fields;
  PipelinePtr sub;
};
struct AppendCommand {
  PipelinePtr sub;
};
struct MultisearchCommand {
  std::vector<PipelinePtr> subs;
};  // First command only.
struct TransactionCommand {
  // startswith / endswith: a phrase search, a search expression or an eval condition; at most one
  // set.
  struct Condition {
    SearchPtr search;
    ExprPtr expr;
  };
  std::vector<std::string> fields;
  std::optional<std::int64_t> maxspan_ns;
  std::optional<std::int64_t> maxpause_ns;
  std::uint64_t maxevents = 1000;
  std::optional<Condition> startswith;
  std::optional<Condition> endswith;
};
struct XyseriesCommand {
  std::string x;
  std::string y;
  std::string value;
  Span y_span{};
};
// P2 commands that are built from the start.
struct RegexCommand {
  std::string field = "_raw";
  bool negated = false;
  std::string regex;
  Span regex_span;
};
struct ReverseCommand {};
struct UnrollCommand {
  std::string field;
};

struct Command {
  std::variant<SearchCommand, WhereCommand, EvalCommand, FieldsCommand, RenameCommand, HeadCommand,
               TailCommand, SortCommand, DedupCommand, StatsCommand, EventstatsCommand,
               StreamstatsCommand, TimechartCommand, BinCommand, TopCommand, RexCommand,
               FillnullCommand, JoinCommand, AppendCommand, MultisearchCommand, TransactionCommand,
               XyseriesCommand, RegexCommand, ReverseCommand, UnrollCommand>
      node;
  std::string name;  // As canonical command word: "stats", "table", "head" (for limit too) ...
  Span span{};
};

// --- Pipelines and queries
// -----------------------------------------------------------------------------

// What a pipeline reads. `FROM a, b*, $x`: index names and globs, or CTE names.
struct SourceName {
  std::string name;
  bool glob = false;
  bool cte = false;
  Span span;
};

struct Pipeline {
  std::vector<SourceName>
      sources;  // Empty: the default source of the surrounding pipeline, or `main`.
  bool explicit_from = false;
  std::vector<Command> commands;  // FROM ... WHERE and the leading search are commands, too.
  Span span;
};

struct Cte {
  std::string name;
  PipelinePtr pipeline;
  Span span;
};

// Advice that never changes the result.
struct Hint {
  std::string message;
  Span span;
};

struct Query {
  std::vector<Cte> ctes;  // Each may use earlier ones.
  PipelinePtr main;
  std::vector<Hint> hints;
};

// A mistake in the text; see 3.6 of the user guide's language page.
struct ParseError {
  Span span;
  std::string message;
  std::string suggestion;  // May be empty.
};

}  // namespace lynxdb::spl2
