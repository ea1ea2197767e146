#include "spl2/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "spl2/ascii_case.h"
#include "spl2/command_parsers.h"
#include "spl2/parser.h"

namespace lynxdb::spl2 {
namespace {

struct Entry {
  std::string_view word;
  CommandParser parse;
  bool leading;
};

constexpr std::array kCommands{
    Entry{"search", parse_search_command, true},
    Entry{"where", parse_where_command, true},
    Entry{"eval", parse_eval_command, true},
    Entry{"stats", parse_stats_command, true},
    Entry{"sort", parse_sort_command, true},
    Entry{"head", parse_head_command, true},
    Entry{"tail", parse_head_command, true},
    Entry{"limit", parse_head_command, true},
    Entry{"timechart", parse_timechart_command, true},
    Entry{"rex", parse_rex_command, true},
    Entry{"fields", parse_fields_command, true},
    Entry{"table", parse_fields_command, true},
    Entry{"dedup", parse_dedup_command, true},
    Entry{"rename", parse_rename_command, true},
    Entry{"bin", parse_bin_command, true},
    Entry{"streamstats", parse_streamstats_command, true},
    Entry{"eventstats", parse_eventstats_command, true},
    Entry{"join", parse_join_command, true},
    Entry{"append", parse_append_command, true},
    Entry{"multisearch", parse_multisearch_command, true},
    Entry{"transaction", parse_transaction_command, true},
    Entry{"xyseries", parse_xyseries_command, true},
    Entry{"top", parse_top_command, true},
    Entry{"rare", parse_top_command, true},
    Entry{"fillnull", parse_fillnull_command, true},
    Entry{"regex", parse_regex_command, false},
    Entry{"reverse", parse_reverse_command, false},
    Entry{"unroll", parse_unroll_command, false},
    Entry{"mvexpand", parse_unroll_command, false},
    Entry{"extract", parse_fields_command, false},
};

struct Missing {
  std::string_view word;
  std::string_view suggestion;
};

// Commands of the language that this release does not have.
constexpr std::array kLater{
    Missing{"json", "eval x = json_extract(_raw, \"path\")"},
    Missing{"pack_json", "eval x = json_object(\"key\", field)"},
    Missing{"replace", "eval field = if(field = \"old\", \"new\", field)"},
    Missing{"makeresults", ""},
    Missing{"chart", "stats ... by x, y | xyseries x y value"},
    Missing{"untable", ""},
    Missing{"appendcols", "join"},
    Missing{"appendpipe", "append [ ... ]"},
    Missing{"union", "multisearch [ ... ] [ ... ]"},
    Missing{"materialize", ""},
    Missing{"views", ""},
    Missing{"dropview", ""},
};

// Words of other dialects.
constexpr std::array kElsewhere{
    Missing{"tstats", "stats"},
    Missing{"mstats", "stats"},
    Missing{"lookup", "join field [ ... ]"},
    Missing{"inputlookup", "FROM index"},
    Missing{"outputlookup", ""},
    Missing{"map", "join field [ ... ]"},
    Missing{"foreach", "eval a = ..., b = ..."},
    Missing{"bucket", "bin"},
    Missing{"filter", "where"},
    Missing{"select", "fields or table"},
    Missing{"project", "fields"},
    Missing{"group", "stats count by field"},
    Missing{"summarize", "stats"},
    Missing{"count", "stats count"},
    Missing{"order", "sort"},
    Missing{"take", "head"},
    Missing{"extend", "eval"},
    Missing{"uniq", "dedup field"},
    Missing{"distinct", "dedup field"},
    Missing{"grep", "search"},
    Missing{"spath", "eval x = json_extract(_raw, \"path\")"},
    Missing{"makemv", "eval x = split(x, \",\")"},
    Missing{"nomv", "eval x = mvjoin(x, \",\")"},
    Missing{"subsearch", "join or a CTE"},
};

const Entry* find_entry(std::string_view word) {
  const auto* const entry = std::find_if(kCommands.begin(), kCommands.end(),
                                         [&](const Entry& e) { return e.word == word; });
  return entry == kCommands.end() ? nullptr : entry;
}

template <typename Table>
const Missing* find_missing(const Table& table, std::string_view word) {
  const auto* const found = std::find_if(
      table.begin(), table.end(), [&](const Missing& missing) { return missing.word == word; });
  return found == table.end() ? nullptr : found;
}

bool is_unpack(std::string_view word) { return word.starts_with("unpack_"); }

}  // namespace

CommandParser find_command(std::string_view word) {
  const Entry* entry = find_entry(word);
  return entry == nullptr ? nullptr : entry->parse;
}

bool is_command(std::string_view word) { return find_entry(word) != nullptr; }

bool is_leading_command(std::string_view word) {
  const std::string lower = to_lower(word);
  const Entry* entry = find_entry(lower);
  if (entry != nullptr) return entry->leading;
  return is_unpack(lower) || lower == "pack_json";
}

Failure fail_unknown_command(Context& context, std::string_view word, Span span) {
  const Missing* later = find_missing(kLater, word);
  if (later != nullptr || is_unpack(word)) {
    const std::string_view suggestion =
        later != nullptr ? later->suggestion
                         : std::string_view{"rex \"(?P<name>...)\" or json_extract()"};
    return context.fail(span, fmt::format("command '{}' is not supported yet", word),
                        std::string(suggestion));
  }
  if (const Missing* elsewhere = find_missing(kElsewhere, word))
    return context.fail(span, fmt::format("command '{}' is not supported", word),
                        std::string(elsewhere->suggestion));
  const std::vector<std::string_view> names = command_names();
  return context.fail(span, fmt::format("unknown command '{}'", word),
                      base::suggest(word, names).value_or(""));
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : kCommands) names.push_back(entry.word);
  names.emplace_back("from");
  return names;
}

}  // namespace lynxdb::spl2
