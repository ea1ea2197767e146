#include "spl2/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "spl2/parser.h"

namespace lynxdb::spl2 {
namespace {

using enum Signature::Check;
constexpr std::size_t kAny = Signature::kAny;

constexpr std::array kFunctions{
    // Conditions and types.
    Signature{"if", 3, 3},
    Signature{"case", 2, kAny},
    Signature{"coalesce", 1, kAny},
    Signature{"nullif", 2, 2},
    Signature{"null", 0, 0},
    Signature{"isnull", 1, 1},
    Signature{"isnotnull", 1, 1},
    Signature{"tonumber", 1, 2, kBase, 1},
    Signature{"tostring", 1, 1},
    Signature{"tobool", 1, 1},
    Signature{"isnum", 1, 1},
    Signature{"isint", 1, 1},
    Signature{"isstr", 1, 1},
    Signature{"isbool", 1, 1},
    Signature{"ismv", 1, 1},
    Signature{"typeof", 1, 1},
    // Text.
    Signature{"lower", 1, 1},
    Signature{"upper", 1, 1},
    Signature{"trim", 1, 2},
    Signature{"ltrim", 1, 2},
    Signature{"rtrim", 1, 2},
    Signature{"len", 1, 1},
    Signature{"substr", 2, 3},
    Signature{"replace", 3, 3, kRegex, 1},
    Signature{"match", 2, 2, kRegex, 1},
    Signature{"like", 2, 2},
    Signature{"ilike", 2, 2},
    Signature{"startswith", 2, 2},
    Signature{"endswith", 2, 2},
    Signature{"contains", 2, 2},
    Signature{"split", 2, 2},
    // Numbers.
    Signature{"abs", 1, 1},
    Signature{"ceil", 1, 1},
    Signature{"ceiling", 1, 1},
    Signature{"floor", 1, 1},
    Signature{"sqrt", 1, 1},
    Signature{"exp", 1, 1},
    Signature{"ln", 1, 1},
    Signature{"log", 1, 2},
    Signature{"pow", 2, 2},
    Signature{"round", 1, 2},
    Signature{"max", 1, kAny},
    Signature{"min", 1, kAny},
    // Time and addresses.
    Signature{"now", 0, 0},
    Signature{"time", 0, 0},
    Signature{"strftime", 2, 2},
    Signature{"strptime", 2, 2},
    Signature{"time_bucket", 2, 2, kSpan, 1},
    Signature{"relative_time", 2, 2},
    Signature{"cidrmatch", 2, 2},
    // Lists.
    Signature{"mvcount", 1, 1},
    Signature{"mvjoin", 2, 2},
    Signature{"mvdedup", 1, 1},
    Signature{"mvappend", 1, kAny},
    Signature{"mvindex", 2, 3},
    Signature{"mvsort", 1, 1},
    Signature{"mvfind", 2, 2, kRegex, 1},
    // JSON text.
    Signature{"json_extract", 2, 2},
    Signature{"json_valid", 1, 1},
    Signature{"json_keys", 1, 2},
    Signature{"json_array_length", 1, 2},
    Signature{"json_type", 1, 2},
    Signature{"json_object", 0, kAny},
    Signature{"json_array", 0, kAny},
    Signature{"json_set", 3, 3},
    Signature{"json_remove", 2, 2},
    Signature{"json_merge", 2, 2},
};

constexpr std::array<std::string_view, 19> kAggregates{
    "count",          "sum",        "avg",    "mean",     "min",    "max", "dc",
    "distinct_count", "values",     "list",   "stdev",    "stdevp", "var", "varp",
    "perc",           "percentile", "median", "earliest", "latest"};
constexpr std::array<std::string_view, 5> kMoreAggregates{"first", "last", "mode", "range",
                                                          "sumsq"};

struct Missing {
  std::string_view name;
  std::string_view suggestion;  // Of another dialect. Empty: part of the language, but not built.
};

constexpr std::array kMissingFunctions{
    Missing{"urldecode", {}},
    Missing{"printf", {}},
    Missing{"md5", {}},
    Missing{"sha1", {}},
    Missing{"sha256", {}},
    Missing{"spath", "json_extract(text, path)"},
    Missing{"random", {}},
    Missing{"pi", {}},
    Missing{"mvfilter", {}},
    Missing{"mvzip", {}},
    Missing{"mvrange", {}},
    Missing{"concat", "a . b"},
    Missing{"length", "len(text)"},
    Missing{"strlen", "len(text)"},
    Missing{"substring", "substr(text, start, length)"},
    Missing{"ifnull", "coalesce(a, b)"},
    Missing{"nvl", "coalesce(a, b)"},
    Missing{"regexp_match", "match(text, regex)"},
    Missing{"searchmatch", "| search ..."},
    Missing{"in", "field IN (a, b)"},
    Missing{"eval", "write the expression itself"},
    Missing{"date_trunc", "time_bucket(_time, \"1h\")"},
    Missing{"date_format", "strftime(_time, \"%F\")"},
};

constexpr std::array kMissingAggregates{
    Missing{"estdc", "dc(field)"},
    Missing{"earliest_time", "min(_time)"},
    Missing{"latest_time", "max(_time)"},
    Missing{"rate", {}},
    Missing{"per_second", {}},
    Missing{"per_minute", {}},
    Missing{"per_hour", {}},
    Missing{"per_day", {}},
    Missing{"c", "count(field)"},
    Missing{"variance", "var(field)"},
    Missing{"stddev", "stdev(field)"},
    Missing{"average", "avg(field)"},
};

std::optional<Replacement> find_missing(std::span<const Missing> table, std::string_view kind,
                                        std::string_view name) {
  for (const Missing& missing : table) {
    if (missing.name != name) continue;
    return Replacement{fmt::format("{} '{}' is not supported", kind, name),
                       std::string(missing.suggestion)};
  }
  return std::nullopt;
}

// The N of pN and percN.
std::optional<double> percentile_of(std::string_view name) {
  std::string_view digits;
  if (name.starts_with("perc"))
    digits = name.substr(4);
  else if (name.starts_with('p'))
    digits = name.substr(1);
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  const auto all_digits = [](std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::size_t dot = digits.find('.');
  if (!all_digits(digits.substr(0, dot))) return std::nullopt;
  if (dot != std::string_view::npos && !all_digits(digits.substr(dot + 1))) return std::nullopt;
  const double percentile = std::strtod(std::string(digits).c_str(), nullptr);
  if (percentile > 100) return std::nullopt;
  return percentile;
}

}  // namespace

const Signature* find_function(std::string_view name) {
  const auto* const found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                         [&](const Signature& s) { return s.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

std::optional<Replacement> find_missing_function(std::string_view name) {
  return find_missing(kMissingFunctions, "function", name);
}

std::optional<Replacement> find_missing_aggregate(std::string_view name) {
  return find_missing(kMissingAggregates, "aggregate", name);
}

std::optional<AggregateName> find_aggregate(std::string_view name) {
  const auto known = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (name == "count")
    return AggregateName{.canonical = "count", .percentile = {}, .arguments_min = 0};
  if (name == "mean") return AggregateName{.canonical = "avg", .percentile = {}};
  if (name == "distinct_count") return AggregateName{.canonical = "dc", .percentile = {}};
  if (name == "median") return AggregateName{.canonical = "perc", .percentile = 50};
  if (name == "perc" || name == "percentile")
    return AggregateName{
        .canonical = "perc", .percentile = {}, .arguments_min = 2, .arguments_max = 2};
  if (known(kAggregates) || known(kMoreAggregates))
    return AggregateName{.canonical = std::string(name), .percentile = {}};
  if (const std::optional<double> percentile = percentile_of(name))
    return AggregateName{.canonical = "perc", .percentile = percentile};
  return std::nullopt;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const Signature& signature : kFunctions) names.push_back(signature.name);
  return names;
}

std::vector<std::string_view> aggregate_names() {
  std::vector<std::string_view> names(kAggregates.begin(), kAggregates.end());
  names.insert(names.end(), kMoreAggregates.begin(), kMoreAggregates.end());
  return names;
}

}  // namespace lynxdb::spl2
