// GET /metrics: everything that is counted, for Prometheus.
#include "server/metrics/metrics_text.h"
#include "server/routes/metrics_page.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

void write_http(MetricsText& out, const HttpCounters& http) {
  out.gauge("http_connections", "Open connections.", http.connections_active.load());
  out.counter("http_connections_total", "Connections accepted.", http.connections_total.load());
  out.counter("http_connections_refused_total", "Connections beyond http.max_connections.",
              http.connections_refused.load());
  out.counter("http_requests_total", "Requests whose head was read.", http.requests_total.load());
  out.counter("http_bad_requests_total", "Requests that were no proper HTTP.",
              http.requests_bad.load());
  out.family("http_responses_total", "counter", "Responses by class of status.");
  for (std::size_t i = 1; i < std::size(http.responses_by_class); ++i)
    out.sample(http.responses_by_class[i].load(), {{"class", std::to_string(i) + "xx"}});
  out.counter("http_received_bytes_total", "Bytes received.", http.bytes_received.load());
  out.counter("http_sent_bytes_total", "Bytes sent.", http.bytes_sent.load());
}

void write_ingest(MetricsText& out, const IngestCounters& ingest) {
  out.counter("ingest_requests_total", "Requests that brought events.", ingest.requests.load());
  out.counter("ingest_events_total", "Events stored.", ingest.events.load());
  out.counter("ingest_errors_total", "Events that could not be stored.",
              ingest.failed_events.load());
  out.counter("ingest_bytes_total", "Bytes of bodies, unpacked.", ingest.bytes.load());
  out.counter("ingest_retries_total", "Batches that were stored before.", ingest.retries.load());
  out.counter("ingest_refused_total", "Requests answered with 429 or 503.", ingest.refused.load());
}

void write_queries(MetricsText& out, QueryService& query) {
  const QueryCounters& counters = query.counters();
  out.counter("queries_total", "Queries started.", counters.started.load());
  out.family("query_failures_total", "counter", "Queries without a result, by reason.");
  out.sample(counters.failed.load(), {{"reason", "error"}});
  out.sample(counters.cancelled.load(), {{"reason", "cancelled"}});
  out.sample(counters.timed_out.load(), {{"reason", "timeout"}});
  out.sample(counters.refused.load(), {{"reason", "refused"}});
  out.gauge("queries_running", "Queries that run.", query.running());
  out.gauge("queries_waiting", "Queries that wait.", query.waiting());
  out.gauge("query_memory_bytes", "Memory held by queries.", query.memory().used_bytes());
  out.counter("query_scanned_events_total", "Events that queries read.",
              counters.rows_scanned.load());
  out.counter("query_spilled_bytes_total", "Bytes that queries put on disk.",
              counters.spilled_bytes.load());
  out.histogram("query_duration_seconds", "How long queries took.", counters.latency);
}

void write_health(MetricsText& out, const Health& health) {
  out.family("health", "gauge", "1 for the state that the server is in, as /health tells it.");
  for (const HealthState state :
       {HealthState::kHealthy, HealthState::kDegraded, HealthState::kUnhealthy})
    out.sample(health.state == state ? 1 : 0, {{"state", to_string(state)}});
}

void write_store(MetricsText& out, const StoreStatus& store) {
  out.gauge("events", "Events stored.", store.events);
  out.gauge("storage_bytes", "Bytes of segments.", store.storage_bytes);
  out.gauge("wal_bytes", "Bytes of the write-ahead log.", store.wal_bytes);
  out.gauge("segments", "Segments.", store.segments);
  out.gauge("memtable_events", "Events in memory, not flushed yet.", store.memtable_events);
  out.gauge("indexes", "Indexes.", store.indexes.size());
  if (store.disk_total_bytes == 0) return;
  out.gauge("disk_total_bytes", "Size of the data directory's disk.", store.disk_total_bytes);
  out.gauge("disk_used_bytes", "Used bytes of it.", store.disk_used_bytes);
}

}  // namespace

Response metrics_response(Api& api) {
  MetricsText out;
  out.family("build_info", "gauge", "The version that runs.").sample(1, {{"version", api.version}});
  out.gauge("uptime_seconds", "Seconds since the start.",
            std::chrono::duration<double>(std::chrono::steady_clock::now() - api.started).count());
  write_health(out, health_of(api));
  write_http(out, api.front.counters());
  write_ingest(out, api.ingest.counters());
  write_queries(out, api.query);
  write_store(out, api.store.status());
  api.store.write_metrics(out);
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = out.text();
  return response;
}

void add_metrics_route(Router& router, Api& api) {
  router.add(
      {.method = Method::kGet,
       .pattern = "/metrics",
       .handler = [&api](const ExchangePtr& exchange) { exchange->respond(metrics_response(api)); },
       .always = true});
}

}  // namespace lynxdb::server
