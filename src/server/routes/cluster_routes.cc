// /cluster/...: the nodes, who leads what, and what lacks copies.
#include "server/http/json_writer.h"
#include "server/metrics/cluster_status.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

// A single node is a cluster of one, which leads its one partition.
ClusterStatus cluster_of(Api& api) {
  if (auto cluster = api.store.cluster()) return *std::move(cluster);
  const bool takes_events = health_of(api).state != HealthState::kUnhealthy;
  ClusterStatus alone{.cluster_id = api.cluster_id,
                      .node = api.node_name,
                      .meta_leader = api.node_name,
                      .replication_factor = 1,
                      .min_isr = 1,
                      .leaderless = takes_events ? 0U : 1U,
                      .nodes = {},
                      .partitions = {}};
  alone.nodes.push_back({.name = api.node_name,
                         .cluster_address = {},
                         .http_address = {},
                         .roles = {"meta", "ingest", "query"},
                         .is_alive = true,
                         .epoch = 1,
                         .leads = 1});
  alone.partitions.push_back({.id = 0,
                              .leader = api.node_name,
                              .leader_epoch = 1,
                              .replicas = {api.node_name},
                              .isr = {api.node_name},
                              .elr = {},
                              .high_watermark = {},
                              .log_end = {},
                              .lag_events = {}});
  return alone;
}

void cluster_status(Api& api, const ExchangePtr& exchange) {
  const StoreStatus store = api.store.status();
  std::string text;
  JsonWriter out(text);
  write_members(out.begin_object(), cluster_of(api));
  out.member("index_count", store.indexes.size()).member("segment_count", store.segments);
  out.member("buffered_events", store.memtable_events).end_object();
  exchange->respond(data_response(text));
}

void cluster_partitions(Api& api, const ExchangePtr& exchange) {
  std::string text;
  JsonWriter out(text);
  write_json(out, cluster_of(api).partitions);
  exchange->respond(data_response(text));
}

}  // namespace

void add_cluster_routes(Router& router, Api& api) {
  const auto add = [&](std::string pattern, void (*handle)(Api&, const ExchangePtr&)) {
    router.add({.method = Method::kGet,
                .pattern = std::move(pattern),
                .handler = [&api, handle](const ExchangePtr& exchange) { handle(api, exchange); },
                .parameters = std::vector<std::string_view>()});
  };
  add("/api/v1/cluster/status", cluster_status);
  add("/api/v1/cluster/partitions", cluster_partitions);
}

}  // namespace lynxdb::server
