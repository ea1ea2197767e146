// /health, /stats, /status: how the server is.
#include "server/http/json_writer.h"
#include "server/routes/metrics_page.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

std::int64_t uptime_seconds(const Api& api) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                          api.started)
      .count();
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<std::int64_t>& ns) {
  out.member(name, ns ? event::ValueView::timestamp(*ns) : event::ValueView());
}

// Oldest and newest event over all indexes.
std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>> time_range(
    const StoreStatus& store) {
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  for (const IndexStatus& index : store.indexes) {
    if (index.first_ns) first = first ? std::min(*first, *index.first_ns) : *index.first_ns;
    if (index.last_ns) last = last ? std::max(*last, *index.last_ns) : *index.last_ns;
  }
  return {first, last};
}

// 503 only where events are refused with 503: who balances load must not take a server away that
// asks its clients to send less.
void health(Api& api, const ExchangePtr& exchange) {
  const Health health = health_of(api);
  Response response;
  response.status = health.state == HealthState::kUnhealthy ? 503 : 200;
  JsonWriter out(response.body);
  const bool is_healthy = health.state == HealthState::kHealthy;
  out.begin_object().member("status", is_healthy ? "ok" : to_string(health.state));
  if (!is_healthy) out.member("reason", health.reason);
  out.end_object();
  response.body += '\n';
  exchange->respond(std::move(response));
}

// --- /stats
// ----------------------------------------------------------------------------------------

Result<std::string> source_counts(QueryContext& context) {
  const auto running = TRY(context.start_text("FROM * | stats count by _source", {}));
  std::string text;
  JsonWriter out(text);
  out.begin_array();
  while (const std::optional<event::EventBatch> batch = TRY(running->next())) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      out.begin_object().member("name", (*batch->find("_source"))->view(row));
      out.member("count", (*batch->find("count"))->view(row)).end_object();
    }
  }
  out.end_array();
  context.finished(*running);
  return text;
}

std::string stats_json(Api& api, std::string_view sources) {
  const StoreStatus store = api.store.status();
  const std::int64_t now_ns = api.clock.wall_ns();
  const EventRate& rate = api.ingest.counters().rate;
  const auto [oldest, newest] = time_range(store);
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("uptime_seconds", uptime_seconds(api));
  out.member("storage_bytes", store.storage_bytes);
  out.member("total_events", store.events).member("events_total", store.events);
  out.member("events_today", rate.today(now_ns)).member("ingest_rate", rate.per_second(now_ns));
  out.member("index_count", store.indexes.size());
  out.member("segment_count", store.segments).member("segments", store.segments);
  out.member("memtable_events", store.memtable_events);
  out.member("buffered_events", store.memtable_events);
  out.member("wal_bytes", store.wal_bytes).name("sources").raw(sources);
  write_time(out, "oldest_event", oldest);
  write_time(out, "newest_event", newest);
  out.end_object();
  return text;
}

void stats(Api& api, const ExchangePtr& exchange) {
  const std::string_view accept = exchange->request().headers.get("Accept");
  if (accept.starts_with("text/plain") || accept.find("openmetrics") != std::string_view::npos)
    return exchange->respond(metrics_response(api));
  api.query.submit(exchange, api.query.limits().sync_timeout, [&api](QueryContext& context) {
    const Result<std::string> sources = source_counts(context);
    if (!sources.has_value()) return api.query.failure(sources.error());
    return data_response(stats_json(api, *sources));
  });
}

// --- /status
// ---------------------------------------------------------------------------------------

void write_queries(JsonWriter& out, Api& api) {
  const LatencyHistogram& latency = api.query.counters().latency;
  const double average_ms =
      latency.count() == 0 ? 0
                           : latency.sum_seconds() * 1000 / static_cast<double>(latency.count());
  out.name("queries").begin_object().member("active", api.query.running());
  out.member("avg_duration_ms", average_ms).name("jobs").begin_object();
  out.member("running", api.query.running()).member("queued", api.query.waiting());
  out.member("max_concurrent", api.query.limits().running_max).end_object().end_object();
}

void write_uploads(JsonWriter& out, const PendingUploads& uploads) {
  out.name("uploads").begin_object().member("pending", uploads.segments);
  out.member("pending_bytes", uploads.bytes);
  out.member("oldest_seconds", uploads.oldest_seconds);
  if (!uploads.problem.empty()) out.member("problem", uploads.problem);
  out.end_object();
}

void status(Api& api, const ExchangePtr& exchange) {
  const StoreStatus store = api.store.status();
  const std::int64_t now_ns = api.clock.wall_ns();
  const EventRate& rate = api.ingest.counters().rate;
  const double usage = store.disk_total_bytes == 0
                           ? 0
                           : 100.0 * static_cast<double>(store.disk_used_bytes) /
                                 static_cast<double>(store.disk_total_bytes);
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("version", api.version).member("uptime_seconds", uptime_seconds(api));
  const Health health = health_of(api);
  out.member("health", to_string(health.state));
  if (health.state != HealthState::kHealthy) out.member("health_reason", health.reason);
  out.name("storage").begin_object().member("used_bytes", store.storage_bytes + store.wal_bytes);
  out.member("total_bytes", store.disk_total_bytes).member("usage_percent", usage).end_object();
  out.name("events").begin_object().member("total", store.events);
  out.member("today", rate.today(now_ns)).member("ingest_rate", rate.per_second(now_ns));
  out.end_object();
  if (const auto cluster = api.store.cluster()) {
    write_members(out.name("cluster").begin_object(), *cluster);
    out.end_object();
  }
  write_uploads(out, store.pending_uploads);
  write_queries(out, api);
  out.name("views").begin_object().member("total", 0).end_object();
  out.name("tail").begin_object().member("active_sessions", 0).end_object();
  out.name("retention").begin_object().member("policy", store.retention);
  write_time(out, "oldest_event", time_range(store).first);
  out.end_object().end_object();
  exchange->respond(data_response(text));
}

}  // namespace

Health health_of(const Api& api) {
  if (api.front.shutting_down()) return {HealthState::kUnhealthy, "shutting down"};
  return api.store.health();
}

void add_status_routes(Router& router, Api& api) {
  using NoParameters = std::vector<std::string_view>;
  // Probes may ask as they like.
  const auto add = [&](std::string pattern, void (*handle)(Api&, const ExchangePtr&), bool always) {
    router.add({.method = Method::kGet,
                .pattern = std::move(pattern),
                .handler = [&api, handle](const ExchangePtr& exchange) { handle(api, exchange); },
                .cancellable = !always,
                .always = always,
                .parameters = always ? std::nullopt : std::optional(NoParameters())});
  };
  add("/health", health, true);
  add("/api/v1/health", health, true);
  add("/api/v1/stats", stats, false);
  add("/api/v1/status", status, false);
}

}  // namespace lynxdb::server
