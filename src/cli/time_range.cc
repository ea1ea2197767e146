#include "cli/time_range.h"

#include "event/time/time_expression.h"

namespace lynxdb::cli {

Result<TimeRange> time_range(const Session& session, std::int64_t now_ns) {
  const Arguments& arguments = session.arguments;
  TimeRange range;
  if (arguments.since && (arguments.from || arguments.to))
    return Error{ErrorCode::kInvalidArgument, "--since excludes --from and --to"};
  if (arguments.since) {
    auto from = event::parse_since(*arguments.since, now_ns);
    if (!from.has_value()) return std::move(from.error()).in("--since");
    range.from_ns = *from;
    return range;
  }
  if (arguments.from) {
    auto from = event::parse_time_expression(*arguments.from, now_ns);
    if (!from.has_value()) return std::move(from.error()).in("--from");
    range.from_ns = *from;
  }
  if (arguments.to) {
    auto to = event::parse_time_expression(*arguments.to, now_ns);
    if (!to.has_value()) return std::move(to.error()).in("--to");
    range.to_ns = *to;
  }
  if (range.from_ns && range.to_ns && *range.from_ns > *range.to_ns)
    return Error{ErrorCode::kInvalidArgument, "--from is after --to"};
  const config::Settings::Value* since = session.settings.find("default_since");
  if (since == nullptr || range.from_ns || range.to_ns) return range;
  auto from = event::parse_since(since->text, now_ns);
  if (!from.has_value()) return std::move(from.error()).in(since->origin);
  range.from_ns = *from;
  return range;
}

}  // namespace lynxdb::cli
