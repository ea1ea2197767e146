// Every key becomes a typed value with its documented default; settings that contradict each other
// are refused, naming where they come from; a reload changes what may change and lists the rest.
#include "config/server_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/setting_keys.h"

namespace lynxdb::config {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const Machine kMachine{
    .cores = 4, .memory_bytes = 8ULL << 30U, .data_home = "/home/me/data", .aws_region = ""};

class ServerConfigTest : public testing::Test {
 protected:
  ServerConfigTest() {
    std::string name = (fs::temp_directory_path() / "lynxdb-config-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~ServerConfigTest() override { fs::remove_all(directory_); }

  Result<Settings> settings(const std::string& yaml) const {
    const fs::path path = directory_ / "c.yaml";
    std::ofstream(path) << yaml;
    return Settings::load(path.string(), directory_.string());
  }
  Result<ServerConfig> config(const std::string& yaml) const {
    return make_server_config(TRY(settings(yaml)), kMachine);
  }
  std::string refusal(const std::string& yaml) const {
    const auto made = config(yaml);
    return made.has_value() ? "accepted" : made.error().message;
  }

  fs::path directory_;
};

TEST_F(ServerConfigTest, HasTheDocumentedDefaults) {
  const auto c = config("");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->listen, (Address{"localhost", 3100}));
  EXPECT_TRUE(c->index_retention.empty());
  EXPECT_EQ(c->data_dir, "/home/me/data");
  EXPECT_EQ(c->retention, 168h);
  EXPECT_EQ(c->log_level, LogLevel::kInfo);
  EXPECT_EQ(c->storage.compression, Compression::kLz4);
  EXPECT_EQ(c->storage.flush_threshold_bytes, 512U << 20U);
  EXPECT_EQ(c->storage.wal_sync_mode, WalSyncMode::kWrite);
  EXPECT_EQ(c->storage.wal_sync_interval, 100ms);
  EXPECT_EQ(c->storage.memtable_shards, 4U);
  EXPECT_EQ(c->query.global_query_pool_bytes, 2ULL << 30U);
  EXPECT_EQ(c->query.spill_dir, "/home/me/data/tmp");
  EXPECT_EQ(c->query.max_query_runtime, 5min);
  EXPECT_EQ(c->ingest.max_body_bytes, 10U << 20U);
  EXPECT_EQ(c->http.max_connections, 10000U);
  EXPECT_FALSE(c->cluster.enabled);
  EXPECT_THAT(c->cluster.roles, ElementsAre("meta", "ingest", "query"));
}

TEST_F(ServerConfigTest, EveryDefaultIsAValueOfItsKey) {
  for (const SettingKey& key : setting_keys()) {
    EXPECT_TRUE(check_setting(key, key.otherwise).has_value()) << key.name;
    EXPECT_FALSE(key.about.empty()) << key.name;
  }
}

TEST_F(ServerConfigTest, FilesOfASmallClusterLoadAsWritten) {
  for (int node = 1; node <= 3; ++node) {
    const std::string id = "node-" + std::to_string(node);
    const auto c = config(
        "listen: \"0.0.0.0:3100\"\ndata_dir: \"/var/lib/lynxdb\"\n"
        "retention: \"30d\"\nlog_level: \"info\"\ncluster:\n  node_id: \"" +
        id +
        "\"\n  roles: [meta, ingest, query]\n  seeds:\n"
        "    - \"node-1.example.com:9400\"\n    - \"node-2.example.com:9400\"\n"
        "    - \"node-3.example.com:9400\"\nstorage:\n"
        "  s3_bucket: \"my-lynxdb-logs\"\n  s3_region: \"us-east-1\"\n"
        "  compression: \"lz4\"\n  flush_threshold: \"512mb\"\n"
        "  cache_max_bytes: \"4gb\"\n  segment_cache_size: \"10gb\"\n"
        "query:\n  max_concurrent: 20\n");
    ASSERT_TRUE(c.has_value()) << c.error().message;
    EXPECT_TRUE(c->cluster.enabled);
    EXPECT_EQ(c->cluster.node_id, id);
    ASSERT_EQ(c->cluster.seeds.size(), 3U);
    EXPECT_EQ(c->cluster.seeds[1], (Address{"node-2.example.com", 9400}));
    EXPECT_EQ(c->retention, 720h);
    EXPECT_EQ(c->storage.s3_bucket, "my-lynxdb-logs");
    EXPECT_EQ(c->storage.segment_cache_bytes, 10ULL << 30U);
    EXPECT_EQ(c->query.max_concurrent, 20U);
  }
}

TEST_F(ServerConfigTest, AnEmptyDataDirectoryMeansMemory) {
  EXPECT_EQ(config("data_dir: \"\"")->data_dir, "");
  EXPECT_EQ(config("data_dir: \"\"")->query.spill_dir, "");
}

TEST_F(ServerConfigTest, ClusterPortHasThreeNames) {
  EXPECT_EQ(config("cluster: {port: 1}")->cluster.listen.port, 1);
  EXPECT_EQ(config("indexes: {a: {retention: 2d}}")->index_retention.at("a"),
            std::chrono::hours(48));
  EXPECT_EQ(config("cluster: {grpc_port: 2}")->cluster.listen.port, 2);
  EXPECT_EQ(config("cluster: {listen: \"h:3\"}")->cluster.listen, (Address{"h", 3}));
  EXPECT_EQ(config("cluster: {listen: h, port: 4}")->cluster.listen, (Address{"h", 4}));
  EXPECT_THAT(refusal("cluster: {port: 1, grpc_port: 2}"), HasSubstr("c.yaml:1"));
}

TEST_F(ServerConfigTest, OneReplicaNeedsOnlyOneInSync) {
  EXPECT_EQ(config("cluster: {replication_factor: 1}")->cluster.min_isr, 1U);
}

TEST_F(ServerConfigTest, RefusesWhatContradictsItself) {
  for (const char* yaml :
       {"tls: {cert_file: a}", "storage: {object_store: 'file:///x', s3_bucket: b}",
        "storage: {object_store: s3}", "storage: {disk_high_percent: 99}",
        "query: {default_result_limit: 60000}", "cluster: {lease_duration: 6s}",
        "cluster: {heartbeat_interval: 3s}", "cluster: {min_isr: 4}", "cluster: {enabled: true}",
        "cluster: {node_id: 'a b', seeds: [x]}", "cluster: {node_id: a}",
        "cluster: {node_id: a, seeds: [a]}", "cluster: {seeds: ['a:b']}"}) {
    EXPECT_THAT(refusal(yaml), HasSubstr("c.yaml:1: ")) << yaml;
  }
}

TEST_F(ServerConfigTest, RefusesNumbersOutOfRange) {
  for (const char* yaml :
       {"query: {max_concurrent: 0}", "storage: {disk_full_percent: 101}", "cluster: {port: 0}",
        "cluster: {partition_count: 70000}", "storage: {wal_sync_interval: 0}",
        "cluster: {roles: [boss]}", "listen: 'a:b'", "ingest: {default_timezone: Mars}"}) {
    EXPECT_THAT(refusal(yaml), HasSubstr("c.yaml:1: ")) << yaml;
  }
}

TEST_F(ServerConfigTest, FlagsWinAndTakeDashesAndShortNames) {
  auto s = settings("listen: a:1\n");
  ASSERT_TRUE(s->set_flag("addr", "b:2").has_value());
  ASSERT_TRUE(s->set_flag("cluster.node-id", "n").has_value());
  ASSERT_TRUE(s->set_flag("cluster.role", "query").has_value());
  EXPECT_EQ(s->effective("listen"), "b:2");
  EXPECT_EQ(s->find("listen")->origin, "--addr");
  EXPECT_EQ(s->effective("cluster.node_id"), "n");
  EXPECT_EQ(s->effective("cluster.roles"), "query");
  const auto unknown = s->set_flag("storage.compresion", "lz4");
  EXPECT_THAT(unknown.error().suggestion, HasSubstr("--storage.compression"));
  EXPECT_THAT(s->set_flag("retention", "soon").error().message, HasSubstr("--retention"));
}

TEST_F(ServerConfigTest, ReloadChangesWhatMayChangeAndListsTheRest) {
  const auto running = settings("retention: 7d\nlisten: a:1\nquery: {max_concurrent: 3}\n");
  const auto fresh = settings("retention: 9d\nlisten: b:2\n");
  Settings::Reload reload;
  const Settings merged = running->reloaded(*fresh, reload);
  EXPECT_THAT(reload.applied, ElementsAre("retention", "query.max_concurrent"));
  EXPECT_THAT(reload.waiting, ElementsAre("listen"));
  EXPECT_EQ(merged.effective("retention"), "9d");
  EXPECT_EQ(merged.effective("listen"), "a:1");
  EXPECT_EQ(merged.effective("query.max_concurrent"), "10");
}

TEST_F(ServerConfigTest, ReloadOfTheSameFileChangesNothing) {
  const auto running = settings("retention: 7d\n");
  Settings::Reload reload;
  (void)running->reloaded(*settings("retention: 7d\nlog_level: info\n"), reload);
  EXPECT_TRUE(reload.applied.empty());
  EXPECT_TRUE(reload.waiting.empty());
}

}  // namespace
}  // namespace lynxdb::config
