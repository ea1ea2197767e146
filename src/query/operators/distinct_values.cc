#include "query/operators/distinct_values.h"

#include <algorithm>
#include <utility>

namespace lynxdb::query {
namespace {

// Most fields of a transaction have one value or a few: looking through them beats hashing.
constexpr std::size_t kManyValues = 16;

bool same_text(event::ValueView a, event::ValueView b) {
  if (a.type() == event::Type::kString && b.type() == event::Type::kString)
    return a.as_string() == b.as_string();
  if (a.type() == event::Type::kInt && b.type() == event::Type::kInt)
    return a.as_int() == b.as_int();
  return event::text(a) == event::text(b);
}

}  // namespace

void DistinctValues::add(event::ValueView value) {
  if (value.is_null()) return;
  if (value.type() != event::Type::kList) return add_scalar(value);
  for (std::size_t i = 0; i < value.list_size(); ++i) add_scalar(value.list_at(i));
}

void DistinctValues::add_scalar(event::ValueView value) {
  if (!seen_before(value)) values_.push_back(value.to_value());
}

bool DistinctValues::seen_before(event::ValueView value) {
  if (values_.size() < kManyValues) {
    return std::any_of(values_.begin(), values_.end(),
                       [&](const event::Value& known) { return same_text(known, value); });
  }
  if (texts_.empty())
    for (const event::Value& known : values_) texts_.insert(event::text(known));
  return !texts_.insert(event::text(value)).second;
}

event::Value DistinctValues::take() {
  texts_.clear();
  std::vector<event::Value> values = std::exchange(values_, {});
  if (values.empty()) return {};
  if (values.size() == 1) return std::move(values.front());
  return event::Value::list(std::move(values));
}

}  // namespace lynxdb::query
