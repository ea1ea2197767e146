#include "query/operators/time_value.h"

#include "event/time/timestamp.h"
#include "query/expression_value.h"

namespace lynxdb::query {
namespace {

std::optional<std::int64_t> time_of_number(event::ValueView number) {
  if (number.type() == event::Type::kInt) {
    if (const auto ns = event::timestamp_of_epoch(number.as_int())) return ns;
    return timestamp_of_seconds(number.as_int());
  }
  if (const auto ns = event::timestamp_of_epoch(number.as_float())) return ns;
  return timestamp_of_seconds(number.as_float());
}

}  // namespace

std::optional<std::int64_t> time_from_value(event::ValueView value) {
  value = single(value);
  switch (value.type()) {
    case event::Type::kTimestamp:
      return value.as_int();
    case event::Type::kInt:
    case event::Type::kFloat:
      return time_of_number(value);
    case event::Type::kString: {
      const std::optional<event::ValueView> number = event::parse_number(value.as_string());
      if (number && !number->is_null()) return time_of_number(*number);
      return event::parse_timestamp(value.as_string(), {});
    }
    default:
      return std::nullopt;
  }
}

}  // namespace lynxdb::query
