// Expressions of where and eval, evaluated for one row straight from the syntax tree (section 5).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "spl2/ast.h"
#include "tests/oracle/row.h"

namespace lynxdb::oracle {

// What an expression can see besides its row.
struct Context {
  std::int64_t now_ns = 0;
};

Value evaluate(const spl2::Expr& expr, const Row& row, const Context& context);

// A function of 5.2 on evaluated arguments; if, case and coalesce included.
Value call_function(const std::string& name, const std::vector<Value>& args,
                    const Context& context);

// A function of one value, applied to each element of a list (1.6).
Value each(const Value& v, const std::function<Value(const Value&)>& f);

// `%` any run, `_` one character, `\%` and `\_` themselves; the whole text.
bool like(const std::string& text, const std::string& pattern, bool ignore_case);

// Rounds down to a multiple of the span; weeks start on Monday (4.3).
std::int64_t floor_time(std::int64_t ns, std::int64_t span_ns);
// A time as bin and time_bucket take it: a timestamp, a time as text, epoch seconds.
std::optional<std::int64_t> as_time(const Value& v);

// ASCII only.
std::string lower_case(std::string s);

}  // namespace lynxdb::oracle
