#include "tests/oracle/printed_row.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace lynxdb::oracle {
namespace {

bool is_number_start(char c) { return c == '-' || (c >= '0' && c <= '9'); }

// The end of the number that starts at `i`; `i` if none does.
std::size_t number_end(const std::string& row, std::size_t i) {
  if (i >= row.size() || !is_number_start(row[i])) return i;
  return row.find_first_not_of("0123456789+-.eE", i);
}

// Equal but for numbers outside strings, which may differ by a relative error.
bool nearly_equal(const std::string& a, const std::string& b, double tolerance) {
  std::size_t i = 0;
  std::size_t j = 0;
  bool quoted = false;
  while (i < a.size() && j < b.size()) {
    if (!quoted && is_number_start(a[i]) && is_number_start(b[j])) {
      const double x = std::strtod(a.c_str() + i, nullptr);
      const double y = std::strtod(b.c_str() + j, nullptr);
      if (std::fabs(x - y) > tolerance * std::max({1.0, std::fabs(x), std::fabs(y)})) return false;
      i = number_end(a, i);
      j = number_end(b, j);
      continue;
    }
    if (a[i] != b[j]) return false;
    if (a[i] == '\\') {
      ++i;
      ++j;
      if (i >= a.size() || j >= b.size() || a[i] != b[j]) return false;
    } else if (a[i] == '"') {
      quoted = !quoted;
    }
    ++i;
    ++j;
  }
  return i >= a.size() && j >= b.size();
}

// The fields `"name":value` of a row.
std::vector<std::string> fields_of(const std::string& row) {
  std::vector<std::string> fields = {""};
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 1; i + 1 < row.size(); ++i) {
    const char c = row[i];
    if (c == '\\') {
      fields.back() += c;
      fields.back() += row[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == ']')) depth += c == '[' ? 1 : -1;
    if (!quoted && depth == 0 && c == ',')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

// The fields by name, on demand without nulls.
std::string normalised(const std::string& row, bool with_nulls) {
  std::vector<std::string> fields = fields_of(row);
  if (!with_nulls)
    std::erase_if(fields, [](const std::string& field) { return field.ends_with("\":null"); });
  std::sort(fields.begin(), fields.end());
  std::string result;
  for (const std::string& field : fields) result += field + ",";
  return result;
}

bool rows_equal(const std::string& a, const std::string& b, const Strictness& strictness) {
  if (strictness.order_exact && strictness.nulls_exact)
    return strictness.tolerance > 0 && nearly_equal(a, b, strictness.tolerance);
  return nearly_equal(normalised(a, strictness.nulls_exact), normalised(b, strictness.nulls_exact),
                      strictness.tolerance);
}

}  // namespace

Strictness strictness(const std::string& query) {
  const auto has = [&](const std::vector<const char*>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return query.find(word) != std::string::npos; });
  };
  Strictness result;
  if (has({"avg(", "mean(", "stdev", "var(", "varp(", "p50(", "p90(", "perc", "median(", "sqrt(",
           "exp(", "ln(", "log(", "pow("}))
    result.tolerance = 1e-9;
  const bool branches = has({"append", "multisearch", "join "});
  const bool mixes = has({"sort", "reverse", "tail", "dedup", "fillnull", "eventstats",
                          "streamstats", "transaction", "xyseries", "join "});
  // A sort names a built-in field by its own name.
  const bool sorts_branches = branches && has({"sort"}) && has({"source", "index"});
  result.nulls_exact = !has({"obj*"}) && !sorts_branches;
  // Fields of events that are null in all transactions have no place of their own.
  const bool renames_nothing = has({"transaction"}) && has({"rename"});
  result.order_exact = result.nulls_exact && !(branches && mixes) && !renames_nothing;
  return result;
}

std::string first_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& actual, const Strictness& strictness) {
  for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
    if (expected[i] == actual[i]) continue;
    if (rows_equal(expected[i], actual[i], strictness)) continue;
    return "row " + std::to_string(i) + "\n    oracle: " + expected[i] +
           "\n    engine: " + actual[i];
  }
  if (expected.size() == actual.size()) return "";
  return std::to_string(actual.size()) + " rows instead of " + std::to_string(expected.size());
}

}  // namespace lynxdb::oracle
