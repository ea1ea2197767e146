// From a request's body to stored events and the answer: unpack, parse, append, report.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "event/parse/event_parser.h"
#include "server/http/errors.h"
#include "server/http/exchange.h"
#include "server/ingest/event_sink.h"
#include "server/ingest/rate_limiter.h"
#include "server/ingest/ulid.h"
#include "server/metrics/event_rate.h"
#include "server/work_queue.h"

namespace lynxdb::server {

struct IngestLimits {
  std::size_t body_bytes_max = 10U << 20U;  // Unpacked.
  std::size_t line_bytes_max = 1U << 20U;
  std::size_t fields_max = 1000;
  std::int32_t zone_offset_s = 0;
  std::uint64_t requests_per_second = 0;  // Per client; 0 = no limit.
  // Older events are stored and never found: their sender gets a hint. 0 = for ever.
  std::chrono::nanoseconds retention{0};
  std::map<std::string, std::chrono::nanoseconds, std::less<>> index_retention;
};

// Counted for /metrics. Thread-safe.
struct IngestCounters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> failed_events{0};
  std::atomic<std::uint64_t> bytes{0};  // Of bodies, unpacked.
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> refused{0};  // 429 and 503.
  EventRate rate;
};

// Thread-safe.
class IngestService {
 public:
  // `sink` and `clock` must outlive it.
  IngestService(EventSink& sink, const base::Clock& clock, IngestLimits limits,
                std::size_t threads);

  // Of requests that come later.
  void set_limits(IngestLimits limits) EXCLUDES(mutex_);
  IngestLimits limits() const EXCLUDES(mutex_);
  IngestCounters& counters() { return counters_; }
  const base::Clock& clock() const { return clock_; }

  // POST /ingest, or /ingest/raw with `lines_only`.
  void ingest(const ExchangePtr& exchange, bool lines_only);

  // --- For other ways in (es/)
  // Answers a request that was refused before it was looked at.
  using Refuse = std::function<void(const ApiError&)>;
  // Runs `task` on a worker; or calls `refuse`, on this thread, when the client sends too many
  // requests, or all clients do (429).
  void submit(const ExchangePtr& exchange, std::function<void()> task, const Refuse& refuse);
  // Runs `task` on a worker (on the caller's thread when they are all busy): for what a thread of
  // the store must not be kept with.
  void run_soon(const std::function<void()>& task);
  struct Body {
    std::shared_ptr<std::string> bytes;  // kBodyPaddingBytes more than `size`.
    std::size_t size = 0;
    std::string_view view() const { return std::string_view(*bytes).substr(0, size); }
  };
  // The body without its Content-Encoding, of at most `bytes_max`, or why not.
  std::variant<Body, ApiError> unpacked(const Request& request, std::size_t bytes_max);
  // Options of a parser for this request: limits, labels from headers and parameters. Errors:
  // kInvalidArgument for an index name that cannot be.
  Result<event::ParserOptions> parser_options(const Request& request) const;
  static Result<std::string> batch_id(const Request& request);
  // Gives rows their `_id`: the client's, or a new one.
  void give_ids(IngestBatch& batch) const;
  // The same for answers that tell the ids: those of a batch with an id are the same in its retry.
  void give_repeatable_ids(IngestBatch& batch) const;
  // Appends rows that have their ids; counts them when they are stored. A success is told on a
  // thread of the store: `done` must be quick.
  void append(IngestBatch batch, IngestDone done);
  // The answer to a failed append.
  Response failure(const Error& error);

 private:
  void process(const ExchangePtr& exchange, bool lines_only);
  Result<> parse_and_append(const ExchangePtr& exchange, Body body, bool lines_only);
  struct Progress;
  void append_next(const std::shared_ptr<Progress>& progress);

  static void give_ids(IngestBatch& batch, const Ulid& first);
  void count(const Ingested& stored, std::size_t rows, std::int64_t now_ns);

  EventSink& sink_;
  const base::Clock& clock_;
  IngestCounters counters_;
  RateLimiter rates_;
  mutable base::Mutex mutex_;
  IngestLimits limits_ GUARDED_BY(mutex_);
  WorkQueue workers_;  // Last: its tasks use all of the above.
};

// `batch` was parsed from `body_bytes` bytes, which it keeps alive. If it holds less than half of
// them (most lines were blank, or errors), its text is copied: memory must not be full of what
// nobody can read.
void let_go_of_body(event::EventBatch& batch, std::size_t body_bytes);

// A document over several lines (BodyPlan::is_one_document) as a body of one line.
IngestService::Body one_line_body(const IngestService::Body& document);

// The limits in words, for people: what the parser dropped, cut or kept as text.
std::vector<std::string> parse_hints(const event::ParseCounts& counts,
                                     const event::ParserOptions& options);

}  // namespace lynxdb::server
