// Queries on behalf of requests: admission, limits, deadlines, cancellation, errors as answers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "query/engine.h"
#include "server/http/errors.h"
#include "server/http/exchange.h"
#include "server/metrics/histogram.h"
#include "server/query/event_reader.h"
#include "server/query/query_pool.h"
#include "spl2/ast.h"

namespace lynxdb::server {

struct QueryLimits {
  std::chrono::nanoseconds sync_timeout{std::chrono::seconds(30)};
  std::chrono::nanoseconds runtime_max{std::chrono::minutes(5)};  // 0 = no limit.
  std::size_t running_max = 10;
  std::size_t waiting_max = 100;
  std::uint64_t rows_default = 1000;
  std::uint64_t rows_max = 50'000;
  std::size_t memory_bytes_max = std::size_t{1} << 30U;  // Of one query.
  std::size_t text_bytes_max = 256U << 10U;
  std::size_t threads = 1;  // Of one query.
  std::string spill_directory = "/tmp";
  std::uint64_t spill_bytes_max = std::uint64_t{10} << 30U;
  std::chrono::milliseconds slow_threshold{1000};  // 0 = none is reported.
  bool partial_results = false;  // Where a request does not say whether it takes them.
};

struct QueryCounters {
  std::atomic<std::uint64_t> started{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> rows_scanned{0};
  std::atomic<std::uint64_t> spilled_bytes{0};
  LatencyHistogram latency;
};

struct TimeBounds {
  std::optional<std::int64_t> from_ns;  // from <= _time < to
  std::optional<std::int64_t> to_ns;
};

// A query's errors of language: HTTP 400 with place and suggestion of the first, all in details.
ApiError parse_failure(std::string_view text, const std::vector<spl2::ParseError>& errors);

class JsonWriter;
class QueryService;

// What a request has while it runs on the pool. Belongs to the pool's thread.
class QueryContext {
 public:
  QueryContext(QueryService& service, QueryJob& job, std::int64_t now_ns, std::string id);
  ~QueryContext();
  QueryContext(const QueryContext&) = delete;
  QueryContext& operator=(const QueryContext&) = delete;

  const std::string& id() const { return id_; }
  std::int64_t now_ns() const { return now_ns_; }
  const QueryLimits& limits() const { return limits_; }
  bool cancelled() const { return job_.cancellation.cancelled(); }

  // `from`, `to`: time expressions, empty = no bound. Errors: kInvalidArgument.
  Result<TimeBounds> time_bounds(std::string_view from, std::string_view to) const;
  // Starts a query over the context's view (the first call opens it; all queries of one request see
  // the same events). The running query must not outlive the context.
  Result<std::unique_ptr<query::RunningQuery>> start(std::shared_ptr<const spl2::Query> query,
                                                     const TimeBounds& bounds);
  // The same for text that this server wrote itself, which therefore parses.
  Result<std::unique_ptr<query::RunningQuery>> start_text(const std::string& text,
                                                          const TimeBounds& bounds);
  Result<QueryView*> view();
  // Whether to answer without what cannot be reached. Before the view is opened.
  void set_partial_results(bool allowed) { partial_results_ = allowed; }

  // For meta: what the query did so far. Call when it is done.
  void finished(const query::RunningQuery& running);
  // Events that were looked at, also by filters within the store.
  std::uint64_t scanned() const;
  std::uint64_t spilled_bytes() const { return spilled_bytes_; }
  std::int64_t took_ms() const;
  bool lacks_events() const { return view_ != nullptr && !view_->missing().empty(); }
  // "partial": true, "missing": [...] when the answer lacks something; else nothing.
  void write_missing(JsonWriter& out) const;
  // "took_ms": 3, "scanned": 9, "query_id": "qry_...", "hints": [...], "stats": {...}
  std::string meta_json(const std::vector<std::string>& hints) const;

 private:
  QueryService& service_;
  QueryJob& job_;
  const QueryLimits limits_;
  const std::int64_t now_ns_;
  const std::string id_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::shared_ptr<QueryView> view_;
  bool partial_results_ = false;
  std::uint64_t scanned_ = 0;
  std::uint64_t spilled_bytes_ = 0;
};

// Thread-safe.
class QueryService {
 public:
  using SlowQuery = std::function<void(std::string_view id, std::chrono::milliseconds took)>;

  // `reader` and `clock` must outlive it. `pool_bytes`: memory of all queries together.
  QueryService(EventReader& reader, const base::Clock& clock, const QueryLimits& limits,
               std::size_t pool_bytes);

  void set_limits(QueryLimits limits) EXCLUDES(mutex_);
  QueryLimits limits() const EXCLUDES(mutex_);
  // Called after queries slower than the threshold. To be set before the first request.
  void on_slow_query(SlowQuery report) { slow_query_ = std::move(report); }
  // Called with errors that are the store's and not the query's: damage, a disk that fails. To be
  // set before the first request.
  void on_store_failure(std::function<void(const Error&)> report) {
    store_failure_ = std::move(report);
  }

  // Runs `work` on the pool within `timeout` (0 = no limit) and answers with what it returns, or
  // with the refusal. A client who leaves cancels the context's queries.
  void submit(const ExchangePtr& exchange, std::chrono::nanoseconds timeout,
              std::function<Response(QueryContext&)> work);
  // The same for work that answers by itself (streams).
  void submit_streaming(const ExchangePtr& exchange, std::chrono::nanoseconds timeout,
                        std::function<void(QueryContext&)> work);

  // The answer to an error that a query met, which is counted.
  Response failure(const Error& error);
  // For queries whose answer had begun.
  void count_failure(const Error& error);

  QueryCounters& counters() { return counters_; }
  std::size_t running() { return pool_.running(); }
  std::size_t waiting() { return pool_.waiting(); }
  const base::MemoryBudget& memory() const { return memory_; }

  // Cancels what runs, refuses what waits. Idempotent.
  void stop() { pool_.stop(); }

 private:
  friend class QueryContext;
  Response refusal(QueryJob::Refusal why);

  EventReader& reader_;
  const base::Clock& clock_;
  QueryCounters counters_;
  SlowQuery slow_query_;
  std::function<void(const Error&)> store_failure_;
  base::MemoryBudget memory_;
  mutable base::Mutex mutex_;
  QueryLimits limits_ GUARDED_BY(mutex_);
  QueryPool pool_;  // Last: its jobs use all of the above.
};

}  // namespace lynxdb::server
