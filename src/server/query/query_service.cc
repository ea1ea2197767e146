#include "server/query/query_service.h"

#include <algorithm>
#include <map>
#include <utility>

#include "event/time/time_expression.h"
#include "server/http/front.h"
#include "server/http/json_writer.h"
#include "spl2/parser.h"

namespace lynxdb::server {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr Steady::time_point kNever = Steady::time_point::max();

void write_nodes(JsonWriter& out, const std::vector<NodeStats>& nodes) {
  out.name("nodes").begin_array();
  for (const NodeStats& node : nodes) {
    out.begin_object().member("name", node.name).member("segments", node.segments);
    out.member("tail_rows", node.tail_rows).member("rows_read", node.rows_read);
    out.member("rows_received", node.rows_received);
    out.member("bytes_received", node.bytes_received).member("failures", node.failures);
    out.end_object();
  }
  out.end_array();
}

void write_stats(JsonWriter& out, const ScanStats& stats, std::uint64_t spilled_bytes) {
  out.name("stats").begin_object();
  out.member("segments_total", stats.segments_total);
  out.member("segments_scanned", stats.segments_scanned);
  out.name("segments_skipped").begin_object();
  out.member("time", stats.skipped_by_time).member("index", stats.skipped_by_index);
  out.member("bloom", stats.skipped_by_tokens).member("stats", stats.skipped_by_stats);
  out.end_object();
  out.member("rows_read", stats.rows_read).member("bytes_read", stats.bytes_read);
  out.member("spilled_bytes", spilled_bytes);
  if (!stats.nodes.empty()) write_nodes(out, stats.nodes);
  out.end_object();
}

// Where the first error is, and all of them in the details; `rendered` may be empty.
std::string places(const std::vector<spl2::ParseError>& errors, std::string_view rendered) {
  std::string more = "\"position\":" + std::to_string(errors.front().span.offset) +
                     ",\"length\":" + std::to_string(errors.front().span.length) + ",\"details\":";
  JsonWriter out(more);
  out.begin_object().name("errors").begin_array();
  for (const spl2::ParseError& error : errors) {
    out.begin_object();
    out.member("position", error.span.offset).member("length", error.span.length);
    out.member("message", error.message);
    if (!error.suggestion.empty()) out.member("suggestion", error.suggestion);
    out.end_object();
  }
  out.end_array();
  if (!rendered.empty()) out.member("rendered", rendered);
  out.end_object();
  return more;
}

}  // namespace

ApiError parse_failure(std::string_view text, const std::vector<spl2::ParseError>& errors) {
  ApiError failure{.status = 400, .code = "INVALID_QUERY", .message = "the query is empty"};
  if (errors.empty()) return failure;
  failure.message = errors.front().message;
  failure.suggestion = errors.front().suggestion;
  failure.more = places(errors, spl2::render_error(text, errors.front()));
  return failure;
}

// --- The context of one request ------------------------------------------------------------------

QueryContext::QueryContext(QueryService& service, QueryJob& job, std::int64_t now_ns,
                           std::string id)
    : service_(service), job_(job), limits_(service.limits()), now_ns_(now_ns), id_(std::move(id)) {
  ++service_.counters_.started;
}

QueryContext::~QueryContext() {
  const auto took = Steady::now() - started_;
  service_.counters_.latency.add(took);
  service_.counters_.rows_scanned += scanned();
  service_.counters_.spilled_bytes += spilled_bytes_;
  const auto took_ms = std::chrono::duration_cast<milliseconds>(took);
  if (service_.slow_query_ && limits_.slow_threshold.count() > 0 &&
      took_ms >= limits_.slow_threshold)
    service_.slow_query_(id_, took_ms);
}

Result<TimeBounds> QueryContext::time_bounds(std::string_view from, std::string_view to) const {
  TimeBounds bounds;
  const auto read = [&](std::string_view text, std::string_view name,
                        std::optional<std::int64_t>& bound) -> Result<> {
    if (text.empty()) return {};
    auto time = event::parse_time_expression(text, now_ns_);
    if (!time.has_value()) return std::move(time.error()).in(name);
    bound = *time;
    return {};
  };
  TRY(read(from, "from", bounds.from_ns));
  TRY(read(to, "to", bounds.to_ns));
  if (bounds.from_ns && bounds.to_ns && *bounds.from_ns > *bounds.to_ns)
    return Error{ErrorCode::kInvalidArgument, "from is after to"};
  return bounds;
}

Result<QueryView*> QueryContext::view() {
  if (view_ == nullptr)
    view_ = TRY(service_.reader_.view_with(
        {.partial_results = partial_results_, .deadline = job_.deadline}));
  return view_.get();
}

Result<std::unique_ptr<query::RunningQuery>> QueryContext::start(
    std::shared_ptr<const spl2::Query> query, const TimeBounds& bounds) {
  QueryView* view = TRY(this->view());
  query::QueryOptions options;
  options.memory_limit_bytes = limits_.memory_bytes_max;
  options.memory_pool = &service_.memory_;
  options.cancellation = &job_.cancellation;
  options.threads = limits_.threads;
  options.spill_directory = limits_.spill_directory;
  options.spill_bytes_max = limits_.spill_bytes_max;
  options.now_ns = now_ns_;
  options.newest_first = true;
  options.describes_shards = view->spreads();
  options.from_ns = bounds.from_ns;
  options.to_ns = bounds.to_ns;
  if (job_.deadline != kNever)
    options.timeout = std::max(
        std::chrono::duration_cast<milliseconds>(job_.deadline - Steady::now()), milliseconds(0));
  return query::start(
      std::move(query), std::move(options),
      [view](const std::vector<spl2::SourceName>& names, const query::ScanRequest& request,
             query::Execution& execution) { return view->open(names, request, execution); });
}

Result<std::unique_ptr<query::RunningQuery>> QueryContext::start_text(const std::string& text,
                                                                      const TimeBounds& bounds) {
  auto parsed = spl2::parse(text);
  if (auto* query = std::get_if<spl2::Query>(&parsed)) {
    auto running = start(std::make_shared<const spl2::Query>(std::move(*query)), bounds);
    if (!running.has_value()) running.error().span.reset();  // The client did not write the text.
    return running;
  }
  return Error{ErrorCode::kInvalidArgument,
               std::get<std::vector<spl2::ParseError>>(parsed).front().message};
}

void QueryContext::finished(const query::RunningQuery& running) {
  scanned_ += running.progress().events;
  spilled_bytes_ += running.spilled_bytes();
}

std::uint64_t QueryContext::scanned() const {
  return view_ == nullptr ? scanned_ : std::max(scanned_, view_->stats().rows_read);
}

std::int64_t QueryContext::took_ms() const {
  return std::chrono::duration_cast<milliseconds>(Steady::now() - started_).count();
}

void QueryContext::write_missing(JsonWriter& out) const {
  if (view_ == nullptr) return;
  std::map<std::string, std::vector<std::uint32_t>> partitions;
  for (const MissingEvents& missing : view_->missing())
    partitions[missing.why].push_back(missing.partition);
  if (partitions.empty()) return;
  out.member("partial", true).name("missing").begin_array();
  for (const auto& [why, of] : partitions) {
    out.begin_object().member("reason", why).name("partitions").begin_array();
    for (const std::uint32_t partition : of) out.number(partition);
    out.end_array().end_object();
  }
  out.end_array();
}

std::string QueryContext::meta_json(const std::vector<std::string>& hints) const {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("took_ms", took_ms()).member("scanned", scanned());
  out.member("query_id", id_);
  if (!hints.empty()) {
    out.name("hints").begin_array();
    for (const std::string& hint : hints) out.string(hint);
    out.end_array();
  }
  write_missing(out);
  if (view_ != nullptr) write_stats(out, view_->stats(), spilled_bytes_);
  out.end_object();
  return text;
}

// --- The service
// -----------------------------------------------------------------------------------

QueryService::QueryService(EventReader& reader, const base::Clock& clock, const QueryLimits& limits,
                           std::size_t pool_bytes)
    : reader_(reader),
      clock_(clock),
      memory_(pool_bytes),
      limits_(limits),
      pool_(limits.running_max, limits.waiting_max) {}

void QueryService::set_limits(QueryLimits limits) {
  pool_.set_limits(limits.running_max, limits.waiting_max);
  const base::MutexLock lock(mutex_);
  limits_ = std::move(limits);
}

QueryLimits QueryService::limits() const {
  const base::MutexLock lock(mutex_);
  return limits_;
}

void QueryService::submit(const ExchangePtr& exchange, std::chrono::nanoseconds timeout,
                          std::function<Response(QueryContext&)> work) {
  submit_streaming(exchange, timeout, [exchange, work = std::move(work)](QueryContext& context) {
    Response response = work(context);
    response.headers.add("X-Query-ID", context.id());
    exchange->respond(std::move(response));
  });
}

void QueryService::submit_streaming(const ExchangePtr& exchange, std::chrono::nanoseconds timeout,
                                    std::function<void(QueryContext&)> work) {
  const auto job = std::make_shared<QueryJob>();
  const std::chrono::nanoseconds longest = limits().runtime_max;
  if (timeout.count() == 0 || (longest.count() > 0 && longest < timeout)) timeout = longest;
  job->deadline = timeout.count() == 0 ? kNever : Steady::now() + timeout;
  job->refused = [this, exchange](QueryJob::Refusal why) { exchange->respond(refusal(why)); };
  job->run = [this, exchange, &job = *job, work = std::move(work)] {
    constexpr std::size_t kNearlyAll = 95;
    if (memory_.used_bytes() / 100 * 100 > memory_.limit_bytes() / 100 * kNearlyAll) {
      ++counters_.refused;
      return exchange->respond(
          error_response(ApiError{.status = 503,
                                  .code = "QUERY_POOL_EXHAUSTED",
                                  .message = "other queries hold all the memory for queries"}));
    }
    QueryContext context(*this, job, clock_.wall_ns(), "qry_" + make_request_id().substr(0, 16));
    work(context);
    exchange->set_on_cancel(nullptr);
  };
  // The job is dropped with its last run; the exchange must not keep it.
  exchange->set_on_cancel([weak = std::weak_ptr(job)] {
    if (const auto running = weak.lock()) running->cancellation.cancel();
  });
  pool_.submit(job);
}

Response QueryService::refusal(QueryJob::Refusal why) {
  ++counters_.refused;
  switch (why) {
    case QueryJob::Refusal::kStopping:
      return error_response(ApiError{
          .status = 503, .code = "SHUTTING_DOWN", .message = "the server is shutting down"});
    case QueryJob::Refusal::kQueueFull:
      return error_response(ApiError{.status = 429,
                                     .code = "TOO_MANY_QUERIES",
                                     .message = "too many queries are running and waiting"});
    case QueryJob::Refusal::kWaitedTooLong:
      break;
  }
  return error_response(ApiError{.status = 429,
                                 .code = "TOO_MANY_QUERIES",
                                 .message = "the query's time passed while it waited for others"});
}

void QueryService::count_failure(const Error& error) {
  const ErrorCode code = error.code;
  const bool is_stores = code == ErrorCode::kCorruption || code == ErrorCode::kIo;
  if (is_stores && store_failure_) store_failure_(error);
  if (code == ErrorCode::kTimeout) {
    ++counters_.timed_out;
  } else if (code == ErrorCode::kCancelled) {
    ++counters_.cancelled;
  } else {
    ++counters_.failed;
  }
}

Response QueryService::failure(const Error& error) {
  count_failure(error);
  ApiError api = api_error(error);
  if (error.code == ErrorCode::kTimeout) {
    api.suggestion = "narrow the time range, or use POST /api/v1/query/stream";
  } else if (error.code == ErrorCode::kCancelled) {
    api.status = 503;
    api.code = "SHUTTING_DOWN";
  }
  if (error.code == ErrorCode::kInvalidArgument) api.code = "INVALID_QUERY";
  if (error.span) api.more = places({{*error.span, error.message, error.suggestion}}, {});
  return error_response(api);
}

}  // namespace lynxdb::server
