#include "server/es/probes.h"

#include <array>

namespace lynxdb::server {
namespace {

constexpr std::string_view kAcknowledged = R"({"acknowledged":true})";
constexpr std::string_view kLicense =
    R"({"license":{"status":"active","uid":"lynxdb","type":"basic","mode":"basic"}})";
constexpr std::string_view kXpack =
    R"({"build":{},"license":{"type":"basic","mode":"basic","status":"active"},"features":{}})";
// All members that typed clients insist on.
constexpr std::string_view kHealth =
    R"({"cluster_name":"lynxdb","status":"green","timed_out":false,"number_of_nodes":1,)"
    R"("number_of_data_nodes":1,"active_primary_shards":1,"active_shards":1,)"
    R"("relocating_shards":0,"initializing_shards":0,"unassigned_shards":0,)"
    R"("delayed_unassigned_shards":0,"number_of_pending_tasks":0,"number_of_in_flight_fetch":0,)"
    R"("task_max_waiting_in_queue_millis":0,"active_shards_percent_as_number":100.0})";
// What is acknowledged can be found: there is nothing to refresh.
constexpr std::string_view kRefreshed = R"({"_shards":{"total":1,"successful":1,"failed":0}})";
constexpr std::string_view kNoHits =
    R"({"took":0,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},)"
    R"("hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}})";
constexpr std::string_view kNobody =
    R"({"username":"lynxdb","roles":["superuser"],"enabled":true,"metadata":{}})";

constexpr auto kProbes = std::to_array<Probe>({
    {Method::kGet, "/_license", kLicense},
    {Method::kGet, "/_xpack", kXpack},
    {Method::kGet, "/_xpack/license", kLicense},
    {Method::kGet, "/_cluster/health", kHealth},
    {Method::kGet, "/_cluster/health/{index}", kHealth},
    {Method::kGet, "/_cluster/settings", R"({"persistent":{},"transient":{}})"},
    {Method::kGet, "/_cat/health", "lynxdb green\n"},
    {Method::kGet, "/_cat/{name}", ""},
    {Method::kGet, "/_security/_authenticate", kNobody},
    {Method::kGet, "/_security/{kind}/{name}", "{}"},
    {Method::kGet, "/_template/{name}", "{}"},
    {Method::kPut, "/_template/{name}", kAcknowledged},
    {Method::kGet, "/_index_template/{name}", R"({"index_templates":[]})"},
    {Method::kPut, "/_index_template/{name}", kAcknowledged},
    {Method::kGet, "/_component_template/{name}", R"({"component_templates":[]})"},
    {Method::kPut, "/_component_template/{name}", kAcknowledged},
    {Method::kGet, "/_ilm/policy/{name}", "{}"},
    {Method::kPut, "/_ilm/policy/{name}", kAcknowledged},
    {Method::kGet, "/_ingest/pipeline/{name}", "{}"},
    {Method::kPut, "/_ingest/pipeline/{name}", kAcknowledged},
    {Method::kGet, "/_alias/{name}", "{}"},
    {Method::kGet, "/_data_stream/{name}", R"({"data_streams":[]})"},
    {Method::kPut, "/_data_stream/{name}", kAcknowledged},
    {Method::kGet, "/_refresh", kRefreshed},
    {Method::kPost, "/_refresh", kRefreshed},
    {Method::kGet, "/{index}/_refresh", kRefreshed},
    {Method::kPost, "/{index}/_refresh", kRefreshed},
    {Method::kGet, "/_search", kNoHits},
    {Method::kPost, "/_search", kNoHits},
    {Method::kGet, "/{index}/_search", kNoHits},
    {Method::kPost, "/{index}/_search", kNoHits},
});

}  // namespace

std::span<const Probe> es_probes() { return kProbes; }

}  // namespace lynxdb::server
