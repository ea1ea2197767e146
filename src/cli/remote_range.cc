#include "cli/remote_range.h"

#include "base/clock.h"
#include "cli/time_range.h"
#include "event/time/time_expression.h"

namespace lynxdb::cli {
namespace {

// `15m` means 15 minutes ago, which a server wants as `-15m`.
std::string since_expression(const std::string& since, std::int64_t now_ns) {
  return event::parse_time_expression(since, now_ns).has_value() ? since : "-" + since;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> remote_range(const Session& session) {
  const std::int64_t now_ns = base::real_clock().wall_ns();
  TRY(time_range(session, now_ns));  // Mistakes are found here.
  const Arguments& arguments = session.arguments;
  std::vector<std::pair<std::string, std::string>> range;
  if (arguments.since) range.emplace_back("from", since_expression(*arguments.since, now_ns));
  if (arguments.from) range.emplace_back("from", *arguments.from);
  if (arguments.to) range.emplace_back("to", *arguments.to);
  const config::Settings::Value* since = session.settings.find("default_since");
  if (range.empty() && since != nullptr)
    range.emplace_back("from", since_expression(since->text, now_ns));
  return range;
}

Result<> refuse_input_flags(const Session& session) {
  const Arguments& arguments = session.arguments;
  const auto refused = [](std::string_view flag, std::string suggestion) {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(flag) + " is for files and standard input, not for a server",
                 std::move(suggestion)};
  };
  if (arguments.source)
    return refused("--source", "to filter, write it into the query: source=" + *arguments.source);
  if (arguments.sourcetype)
    return refused("--sourcetype",
                   "to filter, write it into the query: sourcetype=" + *arguments.sourcetype);
  if (arguments.max_memory)
    return refused("--max-memory", "the server's limit is query.max_query_memory_bytes");
  return {};
}

}  // namespace lynxdb::cli
