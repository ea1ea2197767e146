#include <fmt/format.h>

#include "base/units.h"
#include "spl2/call_text.h"
#include "spl2/duration.h"
#include "spl2/name_printer.h"
#include "spl2/printer.h"

namespace lynxdb::spl2 {
namespace {

template <typename List, typename Print>
std::string join_items(const List& items, Print print) {
  std::string result;
  for (const auto& item : items) {
    if (!result.empty()) result += ", ";
    result += print(item);
  }
  return result;
}

std::string clause_text(const std::vector<Aggregate>& aggregates, const std::vector<ByKey>& by) {
  std::string text = join_items(aggregates, [](const Aggregate& a) { return to_text(a); });
  if (!by.empty()) text += " by " + join_items(by, [](const ByKey& key) { return to_text(key); });
  return text;
}

std::string with_alias(std::string text, const std::string& output) {
  return call_text(text) == output ? text : fmt::format("{} AS {}", text, list_name(output));
}

std::string subsearch_text(const PipelinePtr& sub) { return "[" + to_text(*sub) + "]"; }

std::string field_text(const FieldName& field) {
  return field.glob ? field.name : list_name(field.name);
}

std::string condition_text(const TransactionCommand::Condition& condition) {
  if (condition.expr) return fmt::format("eval({})", to_text(*condition.expr));
  return fmt::format("({})", to_text(*condition.search));
}

std::string_view join_type(JoinCommand::Type type) {
  switch (type) {
    case JoinCommand::Type::kInner:
      return "";
    case JoinCommand::Type::kLeft:
      return " type=left";
    case JoinCommand::Type::kFull:
      return " type=full";
  }
  return "";
}

std::string text(const SearchCommand& c) { return "search " + to_text(*c.expr); }
std::string text(const WhereCommand& c) { return "where " + to_text(*c.expr); }
std::string text(const HeadCommand& c) { return fmt::format("head {}", c.count); }
std::string text(const TailCommand& c) { return fmt::format("tail {}", c.count); }
std::string text(const ReverseCommand&) { return "reverse"; }
std::string text(const UnrollCommand& c) { return "unroll " + list_name(c.field); }
std::string text(const AppendCommand& c) { return "append " + subsearch_text(c.sub); }
std::string text(const StatsCommand& c) { return "stats " + clause_text(c.aggregates, c.by); }
std::string text(const EventstatsCommand& c) {
  return "eventstats " + clause_text(c.aggregates, c.by);
}

std::string text(const EvalCommand& c) {
  return "eval " + join_items(c.assignments, [](const EvalCommand::Assignment& a) {
           return fmt::format("{} = {}", list_name(a.field), to_text(*a.expr));
         });
}

std::string text(const FieldsCommand& c) {
  const std::string_view word = c.table ? "table " : c.remove ? "fields - " : "fields ";
  return std::string(word) + join_items(c.fields, field_text);
}

std::string text(const RenameCommand& c) {
  return "rename " + join_items(c.pairs, [](const RenameCommand::Pair& pair) {
           return fmt::format("{} AS {}", list_name(pair.from), list_name(pair.to));
         });
}

std::string text(const SortCommand& c) {
  return "sort " + join_items(c.keys, [](const SortKey& key) {
           return (key.descending ? "-" : "") + list_name(key.field);
         });
}

std::string text(const DedupCommand& c) {
  return fmt::format("dedup {}{}", c.count == 1 ? "" : fmt::format("{} ", c.count),
                     join_names(c.fields));
}

std::string text(const StreamstatsCommand& c) {
  std::string options;
  if (c.window != 0) options += fmt::format("window={} ", c.window);
  if (!c.current) options += "current=false ";
  return "streamstats " + options + clause_text(c.aggregates, c.by);
}

std::string text(const TimechartCommand& c) {
  std::string options;
  if (c.span) options += fmt::format("span={} ", c.span->text);
  if (c.limit != 10) options += fmt::format("limit={} ", c.limit);
  if (!c.use_other) options += "useother=false ";
  if (!c.use_null) options += "usenull=false ";
  if (!c.fill) options += "cont=false ";
  if (c.long_format) options += "format=long ";
  return "timechart " + options +
         clause_text(c.aggregates, c.by ? std::vector<ByKey>{*c.by} : std::vector<ByKey>{});
}

std::string text(const BinCommand& c) {
  std::string result = "bin " + list_name(c.field);
  if (c.time_span) result += " span=" + c.time_span->text;
  if (c.number_span)
    result += " span=" + (c.number_span_is_int
                              ? fmt::format("{}", static_cast<std::int64_t>(*c.number_span))
                              : number_text(*c.number_span));
  return c.output == c.field ? result : fmt::format("{} AS {}", result, list_name(c.output));
}

std::string text(const TopCommand& c) {
  std::string result =
      fmt::format("{} {} {}", c.rare ? "rare" : "top", c.limit, list_name(c.field));
  return c.by.empty() ? result : result + " by " + join_names(c.by);
}

std::string text(const RexCommand& c) {
  std::string result = "rex ";
  if (c.field != "_raw") result += fmt::format("field={} ", list_name(c.field));
  result += quoted(c.regex);
  return c.max_match == 1 ? result : result + fmt::format(" max_match={}", c.max_match);
}

std::string text(const RegexCommand& c) {
  return fmt::format("regex {}{}{}", list_name(c.field), c.negated ? "!=" : "=", quoted(c.regex));
}

std::string text(const FillnullCommand& c) {
  const std::string result = "fillnull value=" + literal_text(c.value);
  return c.fields.empty() ? result : result + " " + join_names(c.fields);
}

std::string text(const JoinCommand& c) {
  return fmt::format("join{} {} {}", join_type(c.type), join_names(c.fields),
                     subsearch_text(c.sub));
}

std::string text(const MultisearchCommand& c) {
  std::string result = "multisearch";
  for (const PipelinePtr& sub : c.subs) result += " " + subsearch_text(sub);
  return result;
}

std::string text(const TransactionCommand& c) {
  std::string result = "transaction " + join_names(c.fields);
  if (c.maxspan_ns) result += " maxspan=" + base::duration_text(*c.maxspan_ns);
  if (c.maxpause_ns) result += " maxpause=" + base::duration_text(*c.maxpause_ns);
  if (c.maxevents != 1000) result += fmt::format(" maxevents={}", c.maxevents);
  if (c.startswith) result += " startswith=" + condition_text(*c.startswith);
  if (c.endswith) result += " endswith=" + condition_text(*c.endswith);
  return result;
}

std::string text(const XyseriesCommand& c) {
  return fmt::format("xyseries {} {} {}", list_name(c.x), list_name(c.y), list_name(c.value));
}

std::string aggregate_call(const Aggregate& aggregate) {
  if (!aggregate.argument) return aggregate.function;
  const std::string argument = to_text(*aggregate.argument);
  if (aggregate.counts_condition) return fmt::format("{}(eval({}))", aggregate.function, argument);
  if (aggregate.function == "perc")
    return fmt::format("perc({}, {})", argument, number_text(aggregate.percentile));
  return fmt::format("{}({})", aggregate.function, argument);
}

}  // namespace

std::string to_text(const Aggregate& aggregate) {
  return with_alias(aggregate_call(aggregate), aggregate.output);
}

std::string to_text(const ByKey& key) {
  if (key.expr->kind != ExprKind::kField) return with_alias(to_text(*key.expr), key.output);
  const std::string name = list_name(key.expr->name);
  return key.output == key.expr->name ? name : fmt::format("{} AS {}", name, list_name(key.output));
}

std::string to_text(const Command& command) {
  return std::visit([](const auto& node) { return text(node); }, command.node);
}

}  // namespace lynxdb::spl2
