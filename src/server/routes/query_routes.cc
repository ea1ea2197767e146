// POST and GET /query, POST /query/stream.
#include <utility>

#include "output/output_buffer.h"
#include "output/writer.h"
#include "query/explain.h"
#include "query/parse_query.h"
#include "server/http/body_stream.h"
#include "server/http/compression.h"
#include "server/http/json_writer.h"
#include "server/query/query_request.h"
#include "server/query/query_result.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

using QueryPtr = std::shared_ptr<const spl2::Query>;
using RunningPtr = std::unique_ptr<query::RunningQuery>;

// The answer to a request that is wrong in itself.
Response request_failure(const Error& error) {
  ApiError api = api_error(error);
  if (error.code == ErrorCode::kParse) api.code = "INVALID_JSON";
  return error_response(api);
}

// The parsed query, or null and `failure` is set.
QueryPtr parse(const std::string& text, const QueryLimits& limits, Response& failure) {
  if (text.size() > limits.text_bytes_max) {
    failure = error_response(ApiError{.status = 400,
                                      .code = "QUERY_TOO_LARGE",
                                      .message = "the query is longer than " +
                                                 std::to_string(limits.text_bytes_max) +
                                                 " bytes (query.max_query_length)"});
    return nullptr;
  }
  spl2::ParseOptions options;
  options.query_bytes_max = limits.text_bytes_max;
  auto parsed = query::parse_query(text, options);
  if (auto* query = std::get_if<spl2::Query>(&parsed))
    return std::make_shared<const spl2::Query>(std::move(*query));
  failure = error_response(parse_failure(text, std::get<std::vector<spl2::ParseError>>(parsed)));
  return nullptr;
}

std::vector<std::string> all_hints(const spl2::Query& query, const query::RunningQuery& running,
                                   std::vector<std::string> hints) {
  for (const spl2::Hint& hint : query.hints) hints.push_back(hint.message);
  for (std::string& hint : running.hints()) hints.push_back(std::move(hint));
  return hints;
}

// The query without the events behind the page and one more: so the source need not read them, and
// a sort need not keep them.
QueryPtr limited(const QueryContext& context, const QueryPtr& query, std::uint64_t offset,
                 std::uint64_t limit) {
  query::QueryOptions options;
  options.now_ns = context.now_ns();
  const bool is_events =
      query::describe(*query, options).back().result_type == query::ResultType::kEvents;
  if (!is_events || offset >= UINT64_MAX - limit) return query;
  auto pipeline = std::make_shared<spl2::Pipeline>(*query->main);
  pipeline->commands.push_back({.node = spl2::HeadCommand{offset + limit + 1}, .name = "head"});
  auto copy = std::make_shared<spl2::Query>(*query);
  copy->main = std::move(pipeline);
  return copy;
}

Result<Response> run_query(QueryContext& context, const QueryRequest& request,
                           const QueryPtr& query) {
  const QueryLimits& limits = context.limits();
  const TimeBounds bounds = TRY(context.time_bounds(request.from, request.to));
  const std::uint64_t limit =
      std::min(request.limit.value_or(limits.rows_default), limits.rows_max);
  const RunningPtr running =
      TRY(context.start(limited(context, query, request.offset, limit), bounds));
  const RowPage page = TRY(read_page(*running, request.offset, limit));
  context.finished(*running);
  if (request.format == ResultFormat::kJson) {
    const std::string data = TRY(page_json(page, *running, timechart_interval(*query, page)));
    return data_response(data, context.meta_json(all_hints(*query, *running, page.hints)));
  }
  Response response;
  response.content_type = content_type_of(request.format);
  response.body = TRY(page_text(page, *running, request.format, limits));
  if (page.has_more) response.headers.add("X-Has-More", "true");
  if (context.lacks_events()) response.headers.add("X-Partial-Results", "true");
  return response;
}

void query(Api& api, const ExchangePtr& exchange) {
  auto request = read_query_request(exchange->request(), QueryRoute::kQuery);
  if (!request.has_value()) return exchange->respond(request_failure(request.error()));
  if (request->wait && request->wait->count() == 0)
    return exchange->respond(
        validation_error("wait: 0 asks for a job; jobs are not available in this version",
                         "use POST /api/v1/query/stream for long queries"));
  const auto timeout = request->wait.value_or(api.query.limits().sync_timeout);
  api.query.submit(exchange, timeout, [&api, request = std::move(*request)](QueryContext& context) {
    Response failure;
    const QueryPtr query = parse(request.text, context.limits(), failure);
    if (query == nullptr) return failure;
    context.set_partial_results(request.partial_results.value_or(context.limits().partial_results));
    Result<Response> response = run_query(context, request, query);
    return response.has_value() ? std::move(*response) : api.query.failure(response.error());
  });
}

// --- Streams
// ---------------------------------------------------------------------------------------

// Hands rows to a client, packed when it asked for that.
class StreamSink final : public output::ByteSink {
 public:
  StreamSink(BodyStream& stream, bool packs) : stream_(stream) {
    if (packs) gzip_ = std::make_unique<GzipStream>();
  }
  Result<> write(std::string_view bytes) override {
    return stream_.write(gzip_ == nullptr ? std::string(bytes) : gzip_->add(bytes));
  }
  Result<> commit() override {
    if (gzip_ != nullptr) TRY(stream_.write(gzip_->finish()));
    stream_.finish();
    return {};
  }

 private:
  BodyStream& stream_;
  std::unique_ptr<GzipStream> gzip_;
};

Result<std::uint64_t> write_rows(query::RunningQuery& running, output::OutputBuffer& out) {
  const std::unique_ptr<output::Writer> writer = output::make_ndjson_writer(out);
  std::uint64_t rows = 0;
  while (const std::optional<event::EventBatch> batch = TRY(running.next())) {
    rows += batch->rows();
    TRY(writer->write(*batch));
    TRY(out.flush());  // The next batch may be long in coming.
  }
  return rows;
}

std::string last_line(QueryContext& context, const Result<std::uint64_t>& rows,
                      const std::vector<std::string>& hints) {
  std::string line;
  JsonWriter out(line);
  out.begin_object();
  if (rows.has_value()) {
    out.name("__meta").begin_object().member("total", *rows);
    out.member("scanned", context.scanned()).member("took_ms", context.took_ms());
    if (!hints.empty()) {
      out.name("hints").begin_array();
      for (const std::string& hint : hints) out.string(hint);
      out.end_array();
    }
    context.write_missing(out);
  } else {
    const ApiError error = api_error(rows.error());
    out.name("__error").begin_object().member("code", error.code).member("message", error.message);
    if (!error.suggestion.empty()) out.member("suggestion", error.suggestion);
  }
  out.end_object().end_object();
  return line + "\n";
}

// Answers with the head of the stream, then feeds it to the end.
void feed(Api& api, QueryContext& context, const ExchangePtr& exchange, const QueryPtr& query,
          query::RunningQuery& running) {
  const bool packs = accepts_gzip(exchange->request().headers.get("Accept-Encoding"));
  const auto stream = std::make_shared<BodyStream>();
  Response response;
  response.content_type = kNdjson;
  response.headers.add("X-Query-ID", context.id());
  if (packs) response.headers.add("Content-Encoding", "gzip");
  response.stream = stream;
  exchange->respond(std::move(response));
  StreamSink sink(*stream, packs);
  output::OutputBuffer out(sink);
  const Result<std::uint64_t> rows = write_rows(running, out);
  context.finished(running);
  if (context.cancelled()) {
    api.query.count_failure(Error{ErrorCode::kCancelled, "the client left"});
    return stream->abort();
  }
  if (!rows.has_value()) api.query.count_failure(rows.error());
  out.append(last_line(context, rows, all_hints(*query, running, {})));
  if (!out.flush().has_value() || !sink.commit().has_value()) stream->abort();
}

void stream(Api& api, const ExchangePtr& exchange) {
  auto request = read_query_request(exchange->request(), QueryRoute::kStream);
  if (!request.has_value()) return exchange->respond(request_failure(request.error()));
  if (request->format != ResultFormat::kJson && request->format != ResultFormat::kNdjson)
    return exchange->respond(validation_error("a stream is always NDJSON", "leave format out"));
  api.query.submit_streaming(
      exchange, std::chrono::nanoseconds(0),
      [&api, exchange, request = std::move(*request)](QueryContext& context) {
        Response failure;
        const QueryPtr query = parse(request.text, context.limits(), failure);
        if (query == nullptr) return exchange->respond(std::move(failure));
        const auto bounds = context.time_bounds(request.from, request.to);
        if (!bounds.has_value()) return exchange->respond(api.query.failure(bounds.error()));
        context.set_partial_results(
            request.partial_results.value_or(context.limits().partial_results));
        const auto running = context.start(query, *bounds);
        if (!running.has_value()) return exchange->respond(api.query.failure(running.error()));
        feed(api, context, exchange, query, **running);
      });
}

}  // namespace

Response data_response(std::string_view data, std::string_view meta) {
  Response response;
  response.body.reserve(data.size() + meta.size() + 32);
  response.body.append("{\"data\":").append(data);
  if (!meta.empty()) response.body.append(",\"meta\":").append(meta);
  response.body += "}\n";
  return response;
}

void add_query_routes(Router& router, Api& api) {
  const auto add = [&](Method method, std::string pattern,
                       void (*handle)(Api&, const ExchangePtr&)) {
    const bool has_body = method == Method::kPost;
    router.add({.method = method,
                .pattern = std::move(pattern),
                .handler = [&api, handle](const ExchangePtr& exchange) { handle(api, exchange); },
                .body_bytes_max = has_body ? kSmallBodyBytes : 0,
                .cancellable = true,
                .parameters = has_body ? std::vector<std::string_view>() : query_parameters()});
  };
  add(Method::kPost, "/api/v1/query", query);
  add(Method::kGet, "/api/v1/query", query);
  add(Method::kPost, "/api/v1/query/stream", stream);
}

}  // namespace lynxdb::server
