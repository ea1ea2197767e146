// GET /histogram: events per interval.
#include <algorithm>
#include <array>
#include <map>

#include "base/index_name.h"
#include "query/time_bucket.h"
#include "server/http/json_writer.h"
#include "server/query/internal_query.h"
#include "server/routes/routes.h"
#include "spl2/parser.h"

namespace lynxdb::server {
namespace {

constexpr std::uint64_t kBucketsDefault = 60;
constexpr std::uint64_t kBucketsMax = 1000;

struct Question {
  std::string text;
  std::string index;
  std::string from;
  std::string to;
  std::uint64_t buckets = kBucketsDefault;
};

Result<Question> read_question(const Request& request) {
  Question question;
  question.text = request.query.get("q");
  question.index = request.query.get("index");
  const std::string_view from = request.query.get("from");
  const std::string_view to = request.query.get("to");
  question.from = from.empty() ? "-1h" : from;
  question.to = to.empty() ? "now" : to;
  question.buckets = TRY(count_parameter(request, "buckets", kBucketsDefault, kBucketsMax));
  if (!question.index.empty() && !base::is_index_name(question.index))
    return Error{ErrorCode::kInvalidArgument, "'" + question.index + "' is no name of an index"};
  return question;
}

// The smallest interval that gives at most `buckets`.
Result<spl2::TimeSpan> interval_for(std::int64_t from_ns, std::int64_t to_ns,
                                    std::uint64_t buckets) {
  constexpr std::array<std::string_view, 15> kIntervals = {"1s", "5s",  "10s", "30s", "1m",
                                                           "5m", "15m", "30m", "1h",  "3h",
                                                           "6h", "12h", "1d",  "7d",  "30d"};
  for (const std::string_view text : kIntervals) {
    spl2::TimeSpan span = TRY(query::parse_time_span(text));
    span.text = text;
    const std::int64_t first = query::floor_time(from_ns, span);
    const std::uint64_t count =
        (static_cast<std::uint64_t>(to_ns) - static_cast<std::uint64_t>(first) +
         static_cast<std::uint64_t>(span.ns) - 1) /
        static_cast<std::uint64_t>(span.ns);
    if (count <= buckets) return span;
  }
  return Error{ErrorCode::kInvalidArgument, "the time range is too long for this many buckets",
               "narrow from and to, or raise buckets"};
}

spl2::Query parsed(const std::string& text) {
  auto result = spl2::parse(text);
  auto* query = std::get_if<spl2::Query>(&result);
  LYNXDB_CHECK(query != nullptr);  // Written here.
  return std::move(*query);
}

bool is_filter(const spl2::Command& command) {
  return std::holds_alternative<spl2::SearchCommand>(command.node) ||
         std::holds_alternative<spl2::WhereCommand>(command.node);
}

// The search part of `query`, counted per bucket.
std::shared_ptr<const spl2::Query> counting_query(spl2::Query query, const std::string& index,
                                                  const spl2::TimeSpan& span) {
  auto pipeline = std::make_shared<spl2::Pipeline>(*query.main);
  const auto behind = std::ranges::find_if_not(pipeline->commands, is_filter);
  pipeline->commands.erase(behind, pipeline->commands.end());
  const spl2::Query counting = parsed("| bin _time span=" + span.text + " | stats count by _time");
  for (const spl2::Command& command : counting.main->commands)
    pipeline->commands.push_back(command);
  if (!index.empty()) pipeline->sources = parsed("FROM " + spl2_string(index)).main->sources;
  query.main = std::move(pipeline);
  return std::make_shared<const spl2::Query>(std::move(query));
}

Result<std::map<std::int64_t, std::uint64_t>> count_buckets(QueryContext& context,
                                                            query::RunningQuery& running) {
  std::map<std::int64_t, std::uint64_t> counts;
  while (const std::optional<event::EventBatch> batch = TRY(running.next())) {
    const event::Column& times = **batch->find(event::kTime);
    const event::Column& numbers = **batch->find("count");
    for (std::size_t row = 0; row < batch->rows(); ++row)
      if (!times.is_null(row))
        counts[times.view(row).as_int()] += static_cast<std::uint64_t>(numbers.view(row).as_int());
  }
  context.finished(running);
  return counts;
}

std::string histogram_json(const std::map<std::int64_t, std::uint64_t>& counts,
                           const TimeBounds& bounds, const spl2::TimeSpan& span) {
  std::string text;
  JsonWriter out(text);
  std::uint64_t total = 0;
  out.begin_object().member("interval", span.text).name("buckets").begin_array();
  std::optional<std::int64_t> start = query::floor_time(*bounds.from_ns, span);
  for (; start && *start < *bounds.to_ns; start = query::next_bucket(*start, span)) {
    const auto found = counts.find(*start);
    const std::uint64_t count = found == counts.end() ? 0 : found->second;
    total += count;
    out.begin_object().member("time", event::ValueView::timestamp(*start)).member("count", count);
    out.end_object();
  }
  out.end_array().member("total", total).end_object();
  return text;
}

Result<Response> run(QueryContext& context, const Question& question, spl2::Query query) {
  const TimeBounds bounds = TRY(context.time_bounds(question.from, question.to));
  const spl2::TimeSpan span = TRY(interval_for(*bounds.from_ns, *bounds.to_ns, question.buckets));
  const auto running =
      TRY(context.start(counting_query(std::move(query), question.index, span), bounds));
  const auto counts = TRY(count_buckets(context, *running));
  return data_response(histogram_json(counts, bounds, span), context.meta_json(running->hints()));
}

void histogram(Api& api, const ExchangePtr& exchange) {
  auto question = read_question(exchange->request());
  if (!question.has_value()) return exchange->respond(error_response(question.error()));
  api.query.submit(
      exchange, api.query.limits().sync_timeout,
      [&api, question = std::move(*question)](QueryContext& context) {
        const bool is_all = question.text.find_first_not_of(" \t\r\n") == std::string::npos;
        auto parsed_text = spl2::parse(is_all ? "*" : question.text);
        auto* query = std::get_if<spl2::Query>(&parsed_text);
        if (query == nullptr)
          return error_response(
              parse_failure(question.text, std::get<std::vector<spl2::ParseError>>(parsed_text)));
        Result<Response> response = run(context, question, std::move(*query));
        return response.has_value() ? std::move(*response) : api.query.failure(response.error());
      });
}

}  // namespace

void add_histogram_route(Router& router, Api& api) {
  router.add({.method = Method::kGet,
              .pattern = "/api/v1/histogram",
              .handler = [&api](const ExchangePtr& exchange) { histogram(api, exchange); },
              .cancellable = true,
              .parameters = {{"q", "index", "from", "to", "buckets"}}});
}

}  // namespace lynxdb::server
