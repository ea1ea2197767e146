#include "tests/oracle/aggregates.h"

#include <cmath>
#include <map>

namespace lynxdb::oracle {
namespace {

// Wide enough that sums of what the generator makes are exact.
__extension__ using Exact = __float128;

Exact exact(const Value& number) {
  return number.kind == Kind::kInt ? static_cast<Exact>(number.integer)
                                   : static_cast<Exact>(number.number);
}

struct Input {
  Value value;
  Value time;  // Of the row.
};

std::vector<Input> inputs_of(const spl2::Expr& argument, const Rows& rows, const Context& context) {
  std::vector<Input> inputs;
  for (const Row& row : rows)
    for (const Value& v : elements(evaluate(argument, row, context)))
      inputs.push_back({v, row.read("_time")});
  return inputs;
}

bool precedes(const Value& a, const Value& b) { return sort_order(a, b) < 0; }

// Of values that sort as equal the one of the lowest type stands for all, then the lowest text.
bool stands_before(const Value& a, const Value& b) {
  if (type_rank(a) != type_rank(b)) return type_rank(a) < type_rank(b);
  return text_form(a) < text_form(b);
}

Value sum(const std::vector<Value>& numbers) {
  if (numbers.empty()) return {};
  Exact total = 0;
  bool ints = true;
  for (const Value& x : numbers) {
    total += exact(x);
    ints = ints && x.kind == Kind::kInt;
  }
  if (ints && total >= -9223372036854775808.0 && total < 9223372036854775808.0)
    return Value::of_int(static_cast<std::int64_t>(total));
  return Value::of_float(static_cast<double>(total));
}

Value average(const std::vector<Value>& numbers) {
  Exact total = 0;
  for (const Value& x : numbers) total += exact(x);
  return numbers.empty()
             ? Value()
             : Value::of_float(static_cast<double>(total / static_cast<Exact>(numbers.size())));
}

Value variance(const std::vector<Value>& numbers, bool sample, bool root) {
  const auto n = static_cast<Exact>(numbers.size());
  if (numbers.size() < (sample ? 2U : 1U)) return {};
  Exact sum = 0;
  Exact squares = 0;
  for (const Value& x : numbers) {
    sum += exact(x);
    squares += exact(x) * exact(x);
  }
  const auto result = static_cast<double>((n * squares - sum * sum) / n / (sample ? n - 1 : n));
  return Value::of_float(root ? std::sqrt(result) : result);
}

Value percentile(const std::vector<Value>& numbers, double n) {
  if (numbers.empty()) return {};
  const std::vector<Value> order = sorted(numbers, precedes);
  const double rank = static_cast<double>(order.size() - 1) * n / 100;
  const auto below = static_cast<std::size_t>(rank);
  const double low = to_double(order[below]);
  const double high = to_double(order[std::min(below + 1, order.size() - 1)]);
  return Value::of_float(low + (high - low) * (rank - static_cast<double>(below)));
}

Value extreme(const std::vector<Value>& values, bool largest) {
  Value best;
  for (const Value& v : values) {
    const int order = best.is_null() ? 0 : sort_order(v, best);
    if (best.is_null() || (largest ? order > 0 : order < 0) ||
        (order == 0 && stands_before(v, best)))
      best = v;
  }
  return best;
}

// One value per text form, of the lowest type, with its count.
std::map<std::string, std::pair<Value, std::int64_t>> by_text(const std::vector<Value>& values) {
  std::map<std::string, std::pair<Value, std::int64_t>> result;
  for (const Value& v : values) {
    auto& [kept, count] = result[text_form(v)];
    if (count++ == 0 || type_rank(v) < type_rank(kept)) kept = v;
  }
  return result;
}

Value distinct_values(const std::vector<Value>& values) {
  std::vector<Value> distinct;
  for (const auto& [text, entry] : by_text(values)) distinct.push_back(entry.first);
  return Value::of_list(sorted(distinct, precedes));
}

Value mode(const std::vector<Value>& values) {
  Value best;
  std::int64_t most = 0;
  for (const auto& [text, entry] : by_text(values)) {
    const auto& [v, count] = entry;
    if (count > most || (count == most && sort_order(v, best) < 0)) best = v;
    most = std::max(most, count);
  }
  return best;
}

Value range(const std::vector<Value>& numbers) {
  if (numbers.empty()) return {};
  const Value low = extreme(numbers, false);
  const Value high = extreme(numbers, true);
  if (low.kind == Kind::kInt && high.kind == Kind::kInt) {
    const Exact difference = exact(high) - exact(low);
    if (difference < 9223372036854775808.0)
      return Value::of_int(static_cast<std::int64_t>(difference));
  }
  return Value::of_float(to_double(high) - to_double(low));
}

Value sum_of_squares(const std::vector<Value>& numbers) {
  if (numbers.empty()) return {};
  Exact total = 0;
  bool ints = true;
  for (const Value& x : numbers) {
    total += exact(x) * exact(x);
    ints = ints && x.kind == Kind::kInt;
  }
  if (ints && total < 9223372036854775808.0) return Value::of_int(static_cast<std::int64_t>(total));
  return Value::of_float(static_cast<double>(total));
}

// Equal times: the earlier row for earliest, the later for latest.
Value by_time(const std::vector<Input>& inputs, bool latest) {
  const Input* best = nullptr;
  for (const Input& input : inputs) {
    if (input.time.kind != Kind::kTime) continue;
    if (best == nullptr || (latest ? input.time.integer >= best->time.integer
                                   : input.time.integer < best->time.integer))
      best = &input;
  }
  return best == nullptr ? Value() : best->value;
}

std::int64_t count(const spl2::Aggregate& aggregate, const Rows& rows, const Context& context) {
  if (aggregate.argument == nullptr) return static_cast<std::int64_t>(rows.size());
  std::int64_t result = 0;
  for (const Row& row : rows) {
    const Value v = evaluate(*aggregate.argument, row, context);
    if (aggregate.counts_condition)
      result += truth(v).value_or(false) ? 1 : 0;
    else
      result += static_cast<std::int64_t>(elements(v).size());
  }
  return result;
}

}  // namespace

Value aggregate(const spl2::Aggregate& spec, const Rows& rows, const Context& context) {
  const std::string& f = spec.function;
  if (f == "count") return Value::of_int(count(spec, rows, context));
  const std::vector<Input> inputs = inputs_of(*spec.argument, rows, context);
  std::vector<Value> values;
  std::vector<Value> numbers;
  for (const Input& input : inputs) {
    values.push_back(input.value);
    if (const Value x = operand(input.value); !x.is_null()) numbers.push_back(x);
  }
  if (f == "sum") return sum(numbers);
  if (f == "avg") return average(numbers);
  if (f == "min" || f == "max") return extreme(values, f == "max");
  if (f == "dc") return Value::of_int(static_cast<std::int64_t>(by_text(values).size()));
  if (f == "values") return distinct_values(values);
  if (f == "list") return Value::of_list(values);
  if (f == "stdev" || f == "var") return variance(numbers, true, f == "stdev");
  if (f == "stdevp" || f == "varp") return variance(numbers, false, f == "stdevp");
  if (f == "perc") return percentile(numbers, spec.percentile);
  if (f == "earliest" || f == "latest") return by_time(inputs, f == "latest");
  if (f == "first") return values.empty() ? Value() : values.front();
  if (f == "last") return values.empty() ? Value() : values.back();
  if (f == "mode") return mode(values);
  if (f == "range") return range(numbers);
  if (f == "sumsq") return sum_of_squares(numbers);
  return Value::of_string("the oracle does not know the aggregate " + f);
}

bool is_counting(const spl2::Aggregate& aggregate) {
  return aggregate.function == "count" || aggregate.function == "dc";
}

}  // namespace lynxdb::oracle
