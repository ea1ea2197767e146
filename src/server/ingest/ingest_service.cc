#include "server/ingest/ingest_service.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/index_name.h"
#include "base/units.h"
#include "server/http/compression.h"
#include "server/http/errors.h"
#include "server/http/json_writer.h"
#include "server/ingest/body_format.h"

namespace lynxdb::server {
namespace {

using event::LineError;
using event::ParseCounts;
using event::ParsedChunk;

constexpr std::size_t kWaitingMax = 256;
constexpr std::size_t kBatchIdBytesMax = 512;
constexpr std::size_t kErrorsListedMax = 100;
// A request of more events times different fields is stored as several batches. Ordinary logs stay
// below: a value takes a few bytes of a body.
constexpr std::size_t kBatchCellsMax = std::size_t{4} << 20U;

// The first that is set of a header and a parameter.
std::string_view label(const Request& request, std::string_view header,
                       std::string_view parameter) {
  const std::string_view value = request.headers.get(header);
  return value.empty() ? request.query.get(parameter) : value;
}

void write_errors(JsonWriter& out, const std::vector<LineError>& errors) {
  out.name("errors").begin_array();
  for (const LineError& error : errors) {
    out.begin_object();
    out.member("index", error.line).member("code", error.code).member("message", error.message);
    out.end_object();
  }
  out.end_array();
}

// What was parsed of a request so far.
struct Parsed {
  std::uint64_t rows = 0;
  std::uint64_t expired = 0;
  ParseCounts counts;
  std::vector<LineError> errors;

  void add(ParsedChunk& chunk, std::uint64_t expired_rows) {
    const std::uint64_t lines_before = counts.events + counts.errors;
    for (LineError& error : chunk.errors) {
      if (errors.size() == kErrorsListedMax) break;
      error.line += lines_before;
      errors.push_back(std::move(error));
    }
    rows += chunk.batch.rows();
    expired += expired_rows;
    counts += chunk.counts;
  }
};

// Some or all events are stored.
Response accepted(const Parsed& parsed, const std::vector<std::string>& hints) {
  Response response;
  response.status = parsed.counts.errors == 0 ? 200 : 207;
  JsonWriter out(response.body);
  out.begin_object().name("data").begin_object();
  out.member("accepted", parsed.rows).member("failed", parsed.counts.errors);
  if (parsed.counts.errors > 0) write_errors(out, parsed.errors);
  out.end_object();
  if (!hints.empty()) {
    out.name("meta").begin_object().name("hints").begin_array();
    for (const std::string& hint : hints) out.string(hint);
    out.end_array().end_object();
  }
  out.end_object();
  response.body += '\n';
  return response;
}

Response nothing_accepted(const Parsed& parsed, bool declared_json) {
  const bool all_too_large = std::ranges::all_of(
      parsed.errors, [](const LineError& e) { return e.code == "EVENT_TOO_LARGE"; });
  ApiError error{.status = all_too_large ? 413 : 400,
                 .code = all_too_large   ? "EVENT_TOO_LARGE"
                         : declared_json ? "INVALID_JSON"
                                         : "PARSE_ERROR",
                 .message = "no event could be stored: " + parsed.errors.front().message};
  std::string details;
  JsonWriter out(details);
  out.begin_object().member("failed", parsed.counts.errors);
  write_errors(out, parsed.errors);
  out.end_object();
  error.more = "\"details\":" + details;
  return error_response(error);
}

Response invalid_json(const Error& error) {
  return error_response(ApiError{.status = 400,
                                 .code = "INVALID_JSON",
                                 .message = error.message,
                                 .suggestion = error.suggestion});
}

std::uint32_t content_crc(const Request& request, std::string_view body) {
  std::uint32_t crc = base::crc32c(body);
  for (const char* header : {"X-Source", "X-Source-Type", "X-Index", "X-Host", "X-Format"})
    crc = base::crc32c(request.headers.get(header), crc);
  return base::crc32c(request.path, crc);
}

// Events that nobody will find: retention has expired them before they came.
std::uint64_t expired_rows(const event::EventBatch& batch, std::int64_t now_ns,
                           const IngestLimits& limits) {
  const event::ColumnPtr* times = batch.find(event::kTime);
  const event::ColumnPtr* indexes = batch.find(event::kIndex);
  if ((limits.retention.count() == 0 && limits.index_retention.empty()) || times == nullptr ||
      (*times)->kind() != event::Kind::kTimestamp)
    return 0;
  const auto retention_of = [&](std::size_t row) {
    if (limits.index_retention.empty() || indexes == nullptr) return limits.retention;
    const event::ValueView index = (*indexes)->view(row);
    const auto own = index.type() == event::Type::kString
                         ? limits.index_retention.find(index.as_string())
                         : limits.index_retention.end();
    return own == limits.index_retention.end() ? limits.retention : own->second;
  };
  const std::span<const std::int64_t> ns = (*times)->int_values();
  std::uint64_t expired = 0;
  for (std::size_t row = 0; row < ns.size(); ++row) {
    const std::chrono::nanoseconds retention = retention_of(row);
    if (retention.count() > 0 && ns[row] < now_ns - retention.count()) ++expired;
  }
  return expired;
}

void add_expiry_hint(std::uint64_t expired, const IngestLimits& limits,
                     std::vector<std::string>& hints) {
  if (expired == 0) return;
  const std::string retention = limits.index_retention.empty()
                                    ? base::duration_text(limits.retention.count())
                                    : "their index";
  hints.push_back(std::to_string(expired) + (expired == 1 ? " event is" : " events are") +
                  " older than the retention of " + retention + ": queries will not find them");
}

// Clients cannot send a line break in an id: no batch of theirs has the id of such a part.
std::string part_id(const std::string& batch_id, std::size_t part) {
  return batch_id.empty() || part == 0 ? batch_id : batch_id + '\n' + std::to_string(part);
}

}  // namespace

void let_go_of_body(event::EventBatch& batch, std::size_t body_bytes) {
  std::size_t raw_bytes = 0;
  if (const event::ColumnPtr* raw = batch.find(event::kRaw))
    for (const std::string_view text : (*raw)->string_values()) raw_bytes += text.size();
  if (2 * raw_bytes < body_bytes && 2 * batch.text_bytes() < body_bytes)
    batch = event::compact(batch);
}

IngestService::Body one_line_body(const IngestService::Body& document) {
  std::string line = compact_document(document.view());
  const std::size_t size = line.size();
  line.append(kBodyPaddingBytes, '\0');
  return {std::make_shared<std::string>(std::move(line)), size};
}

std::vector<std::string> parse_hints(const ParseCounts& counts,
                                     const event::ParserOptions& options) {
  std::vector<std::string> hints;
  const auto add = [&hints](std::uint64_t count, const std::string& text) {
    if (count > 0)
      hints.push_back(std::to_string(count) + (count == 1 ? " event " : " events ") + text);
  };
  add(counts.misfits, "did not fit the format and were kept as text");
  add(counts.fields_dropped,
      "had more than " + std::to_string(options.fields_max) + " fields: the rest is in _raw only");
  add(counts.labels_cut, "had labels longer than 256 bytes, which were cut");
  return hints;
}

IngestService::IngestService(EventSink& sink, const base::Clock& clock, IngestLimits limits,
                             std::size_t threads)
    : sink_(sink), clock_(clock), limits_(std::move(limits)), workers_(threads, kWaitingMax) {}

void IngestService::set_limits(IngestLimits limits) {
  const base::MutexLock lock(mutex_);
  limits_ = std::move(limits);
}

IngestLimits IngestService::limits() const {
  const base::MutexLock lock(mutex_);
  return limits_;
}

void IngestService::submit(const ExchangePtr& exchange, std::function<void()> task,
                           const Refuse& refuse) {
  ++counters_.requests;
  const std::uint64_t rate = limits().requests_per_second;
  if (rate > 0 && !rates_.allow(exchange->request().client, rate, clock_.monotonic())) {
    ++counters_.refused;
    return refuse(ApiError{.status = 429,
                           .code = "RATE_LIMITED",
                           .message = "more than " + std::to_string(rate) + " requests a second",
                           .suggestion = "send more events in each request"});
  }
  if (workers_.try_submit(std::move(task))) return;
  ++counters_.refused;
  refuse(
      ApiError{.status = 429, .code = "BACKPRESSURE", .message = "too many requests are waiting"});
}

void IngestService::ingest(const ExchangePtr& exchange, bool lines_only) {
  submit(
      exchange, [this, exchange, lines_only] { process(exchange, lines_only); },
      [&exchange](const ApiError& refusal) { exchange->respond(error_response(refusal)); });
}

void IngestService::process(const ExchangePtr& exchange, bool lines_only) {
  auto body = unpacked(exchange->request(), limits().body_bytes_max);
  if (const auto* refusal = std::get_if<ApiError>(&body))
    return exchange->respond(error_response(*refusal));
  const Result<> done = parse_and_append(exchange, std::get<Body>(std::move(body)), lines_only);
  if (!done.has_value()) exchange->respond(failure(done.error()));
}

Response IngestService::failure(const Error& error) {
  ApiError api = api_error(error);
  if (error.code == ErrorCode::kConflict) {
    api.status = 422;
    api.code = "BATCH_ID_CONFLICT";
  } else if (error.code == ErrorCode::kOutOfBudget) {
    api.status = 422;
    api.code = "VALIDATION_ERROR";
  }
  api.retry_after_s = std::max<std::int64_t>(1, sink_.retry_after().count());
  Response response = error_response(api);
  if (api.status == 429 || api.status == 503) ++counters_.refused;
  return response;
}

std::variant<IngestService::Body, ApiError> IngestService::unpacked(const Request& request,
                                                                    std::size_t bytes_max) {
  const auto refusal = [](int status, std::string_view code, const Error& error) {
    return ApiError{
        .status = status, .code = code, .message = error.message, .suggestion = error.suggestion};
  };
  const Result<ContentCoding> coding = content_coding(request.headers.get("Content-Encoding"));
  if (!coding.has_value()) return refusal(415, "UNSUPPORTED_MEDIA_TYPE", coding.error());
  Body body{request.body, request.body_bytes};
  if (*coding != ContentCoding::kIdentity) {
    auto bytes = unpack(request.body_view(), *coding, bytes_max, kBodyPaddingBytes);
    if (!bytes.has_value())
      return bytes.error().code == ErrorCode::kOverloaded
                 ? refusal(413, "PAYLOAD_TOO_LARGE", bytes.error())
                 : refusal(400, "VALIDATION_ERROR", bytes.error());
    body.size = bytes->size() - kBodyPaddingBytes;
    body.bytes = std::make_shared<std::string>(std::move(*bytes));
  }
  counters_.bytes += body.size;
  return body;
}

Result<event::ParserOptions> IngestService::parser_options(const Request& request) const {
  const IngestLimits limits = this->limits();
  event::ParserOptions options;
  options.receipt_ns = clock_.wall_ns();
  options.zone_offset_s = limits.zone_offset_s;
  options.line_bytes_max = limits.line_bytes_max;
  options.fields_max = limits.fields_max;
  options.cut_long_lines = false;
  const auto set = [](std::optional<std::string>& to, std::string_view value) {
    if (!value.empty()) to = value;
  };
  set(options.source, label(request, "X-Source", "source"));
  set(options.sourcetype, label(request, "X-Source-Type", "sourcetype"));
  set(options.index, label(request, "X-Index", "index"));
  set(options.host, label(request, "X-Host", "host"));
  if (options.index && !base::is_index_name(*options.index))
    return Error{ErrorCode::kInvalidArgument, "'" + *options.index + "' is no name of an index",
                 "use letters, digits, '_', '.' and '-'; at most 128"};
  return options;
}

Result<std::string> IngestService::batch_id(const Request& request) {
  std::string_view id = request.headers.get("X-LynxDB-Batch-Id");
  if (id.empty()) id = request.headers.get("Idempotency-Key");
  if (id.size() > kBatchIdBytesMax)
    return Error{ErrorCode::kInvalidArgument,
                 "the batch id is longer than " + std::to_string(kBatchIdBytesMax) + " bytes"};
  return std::string(id);
}

void IngestService::give_ids(IngestBatch& batch) const {
  give_ids(batch, Ulid::make(clock_.wall_ns()));
}

void IngestService::give_repeatable_ids(IngestBatch& batch) const {
  if (batch.batch_id.empty()) return give_ids(batch);
  give_ids(batch, Ulid::of(std::to_string(batch.content_crc) + ":" + batch.batch_id));
}

void IngestService::give_ids(IngestBatch& batch, const Ulid& first) {
  event::ColumnPtr made = make_ids(batch.batch.rows(), first);
  if (!batch.event_ids.empty()) {
    event::ColumnBuilder ids;
    for (std::size_t row = 0; row < batch.event_ids.size(); ++row)
      ids.append_string(batch.event_ids[row].empty() ? made->string_values()[row]
                                                     : std::string_view(batch.event_ids[row]));
    made = ids.finish();
  }
  batch.batch.set(event::kId, std::move(made));
}

void IngestService::append(IngestBatch batch, IngestDone done) {
  const std::int64_t now_ns = clock_.wall_ns();
  const std::size_t rows = batch.batch.rows();
  sink_.append(std::move(batch),
               [this, rows, now_ns, done = std::move(done)](Result<Ingested> stored) {
                 if (!stored.has_value())
                   return run_soon([done, stored = std::move(stored)] { done(stored); });
                 count(*stored, rows, now_ns);
                 done(std::move(stored));
               });
}

void IngestService::run_soon(const std::function<void()>& task) {
  if (!workers_.try_submit(task)) task();
}

void IngestService::count(const Ingested& stored, std::size_t rows, std::int64_t now_ns) {
  if (stored.is_retry) {
    ++counters_.retries;
    return;
  }
  counters_.events += rows - stored.duplicate_rows.size();
  counters_.rate.add(rows - stored.duplicate_rows.size(), now_ns);
}

Result<> IngestService::parse_and_append(const ExchangePtr& exchange, Body body, bool lines_only) {
  const Request& request = exchange->request();
  event::ParserOptions options = TRY(parser_options(request));
  const std::string id = TRY(batch_id(request));
  const BodyHints hints{
      .content_type = request.headers.get("Content-Type"),
      .format = label(request, "X-Format", "format"),
      .sourcetype = options.sourcetype ? std::string_view(*options.sourcetype) : "",
      .lines_only = lines_only};
  const auto plan = plan_body(hints, body.view());
  if (!plan.has_value()) {
    if (plan.error().code != ErrorCode::kParse) return plan.error();
    exchange->respond(invalid_json(plan.error()));
    return {};
  }
  const std::uint32_t crc = content_crc(request, body.view());
  if (plan->is_one_document) body = one_line_body(body);
  options.format = plan->format;
  options.cells_max = kBatchCellsMax;
  append_next(
      std::make_shared<Progress>(exchange, std::move(body), options, id, crc, plan->declared_json));
  return {};
}

// A request whose body becomes batches, one after the other: mostly one. The next one is parsed
// when the one before is stored, so that a body with very many different fields takes little
// memory.
struct IngestService::Progress {
  Progress(ExchangePtr of, Body from, const event::ParserOptions& with, std::string batch_id_given,
           std::uint32_t crc, bool is_json)
      : exchange(std::move(of)),
        body(std::move(from)),
        options(with),
        parser(with),
        rest(body.view()),
        batch_id(std::move(batch_id_given)),
        content_crc(crc),
        declared_json(is_json) {}

  ExchangePtr exchange;
  Body body;
  event::ParserOptions options;
  event::EventParser parser;
  std::string_view rest;  // Of the body.
  std::string batch_id;
  std::uint32_t content_crc;
  bool declared_json;
  std::size_t parts = 0;  // Parsed so far.
  Parsed parsed;
};

void IngestService::append_next(const std::shared_ptr<Progress>& progress) {
  Progress& p = *progress;
  const IngestLimits limits = this->limits();
  ParsedChunk chunk = p.parser.parse(p.rest, p.body.bytes, p.parts > 0);
  let_go_of_body(chunk.batch, p.rest.size() - chunk.rest.size());
  p.rest = chunk.rest;
  counters_.failed_events += chunk.counts.errors;
  p.parsed.add(chunk, expired_rows(chunk.batch, p.options.receipt_ns, limits));
  // Told on a thread of the store: made before.
  Response answer;
  if (p.rest.empty()) {
    std::vector<std::string> hints = parse_hints(p.parsed.counts, p.options);
    add_expiry_hint(p.parsed.expired, limits, hints);
    answer = p.parsed.rows == 0 && p.parsed.counts.errors > 0
                 ? nothing_accepted(p.parsed, p.declared_json)
                 : accepted(p.parsed, hints);
  }
  if (chunk.batch.rows() == 0) return p.exchange->respond(std::move(answer));
  IngestBatch batch{.batch = std::move(chunk.batch),
                    .batch_id = part_id(p.batch_id, p.parts++),
                    .content_crc = p.content_crc,
                    .event_ids = {}};
  give_ids(batch);
  append(std::move(batch),
         [this, progress, answer = std::move(answer)](const Result<Ingested>& stored) mutable {
           if (!stored.has_value()) return progress->exchange->respond(failure(stored.error()));
           if (progress->rest.empty()) return progress->exchange->respond(std::move(answer));
           run_soon([this, progress] { append_next(progress); });
         });
}

}  // namespace lynxdb::server
