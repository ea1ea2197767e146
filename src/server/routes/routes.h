// The API's routes, one file per family. Each adds its routes to the router; what they use outlives
// the server that serves them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "server/http/front.h"
#include "server/ingest/ingest_service.h"
#include "server/metrics/store_status.h"
#include "server/query/query_service.h"

namespace lynxdb::server {

class ClusterAdmin;  // server/cluster/cluster_admin.h

// What routes have to work with.
struct Api {
  Front& front;
  IngestService& ingest;
  QueryService& query;
  StoreMonitor& store;
  const base::Clock& clock;
  ClusterAdmin* cluster = nullptr;  // Null: no node of a cluster.
  std::string version;              // "0.1.0"
  std::string cluster_id;           // A name for this installation: ES clients want to see one.
  std::string node_name;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

// What limits the bodies of ingest routes.
inline constexpr std::string_view kBodySetting = "ingest.max_body_size";
// Bodies of routes that are no ingest routes.
inline constexpr std::size_t kSmallBodyBytes = 1U << 20U;

void add_ingest_routes(Router& router, Api& api);
void add_es_routes(Router& router, Api& api);
void add_query_routes(Router& router, Api& api);
void add_explain_route(Router& router, Api& api);
void add_histogram_route(Router& router, Api& api);
void add_field_routes(Router& router, Api& api);
void add_source_routes(Router& router, Api& api);
void add_status_routes(Router& router, Api& api);
void add_cluster_routes(Router& router, Api& api);
void add_cluster_admin_routes(Router& router, Api& api);
void add_metrics_route(Router& router, Api& api);

inline void add_all_routes(Router& router, Api& api) {
  add_ingest_routes(router, api);
  add_es_routes(router, api);
  add_query_routes(router, api);
  add_explain_route(router, api);
  add_histogram_route(router, api);
  add_field_routes(router, api);
  add_source_routes(router, api);
  add_status_routes(router, api);
  add_cluster_routes(router, api);
  add_cluster_admin_routes(router, api);
  add_metrics_route(router, api);
}

// How the server is: shutting down, or as its store is.
Health health_of(const Api& api);

// {"data": DATA, "meta": META}; without meta when that is empty.
Response data_response(std::string_view data, std::string_view meta = {});

}  // namespace lynxdb::server
