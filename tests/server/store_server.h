// The HTTP server over the real store, in this process and in memory, with a hand on the store:
// every step that it takes can be watched, and readers of segments can be stopped.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "instance/store_monitor.h"
#include "instance/store_reader.h"
#include "instance/store_sink.h"
#include "io/local_object_store.h"
#include "io/memory_file.h"
#include "metadata/local_metadata.h"
#include "server/server.h"
#include "server/testing/raw_client.h"
#include "storage/object_source.h"
#include "tests/server/gated_bytes.h"
#include "tests/support/metrics_page.h"
#include "tests/support/watched_stores.h"

namespace lynxdb::tests {

class StoreServer {
 public:
  static constexpr std::int64_t kNow = 1'768'473'000'000'000'000;  // 2026-01-15T10:30:00Z
  static constexpr std::int64_t kSecond = 1'000'000'000;

  explicit StoreServer(
      Look look = [] {}, std::size_t row_group_rows = 16)
      : look_(std::move(look)) {
    storage::StoreOptions options;
    options.directory = "data";
    options.background = false;
    options.clock = &clock_;
    options.flush.row_group_rows = row_group_rows;
    options.compaction.l0_threshold = 2;
    options.compaction.l1_threshold = 2;
    options.compaction.workers = 1;
    options.retention.all = std::chrono::seconds(0);
    options.wal.file_bytes_max = 20'000;
    store_ = *storage::Store::open(options, files_, objects_, metadata_);
    sink_ = std::make_unique<instance::StoreSink>(*store_, instance::append_to(*store_));
    reader_ =
        std::make_unique<instance::StoreReader>([this] { return store_->read_view(); }, segments_);
    monitor_ = std::make_unique<instance::StoreMonitor>(
        *store_, instance::StoreMonitor::Retention{.all = "0", .by_index = {}},
        instance::StoreMonitor::Sources());

    auto config = config::make_server_config(
        config::Settings(),
        // One worker for each query: it is in one place at a time.
        {.cores = 1, .memory_bytes = 4ULL << 30U, .data_home = "", .aws_region = ""});
    config->listen = {"127.0.0.1", 0};
    config->retention = {};
    config->query.sync_timeout = std::chrono::minutes(5);
    config->http.shutdown_timeout = std::chrono::seconds(1);
    server_ = *server::Server::start(
        *config, {.sink = *sink_, .reader = *reader_, .monitor = *monitor_, .clock = clock_},
        {.version = "test", .cluster_id = "c", .node_name = "n"});
  }
  ~StoreServer() {
    gate_.open();
    server_.reset();
  }
  StoreServer(const StoreServer&) = delete;
  StoreServer& operator=(const StoreServer&) = delete;

  storage::Store& store() { return *store_; }
  io::ObjectStore& real_objects() { return *real_objects_; }
  base::ManualClock& clock() { return clock_; }
  // Between queries and the segments that they read.
  Gate& gate() { return gate_; }
  server::testing::RawClient client() { return server::testing::RawClient(server_->port()); }
  std::uint16_t port() const { return server_->port(); }

  void stop(std::chrono::nanoseconds grace) { server_->stop(grace); }

  std::int64_t metric(const std::string& name) {
    return value_on_page(client().ask(server::testing::get("/metrics")).body, "lynxdb_" + name);
  }

 private:
  const Look look_;
  base::ManualClock clock_{kNow};
  Gate gate_;
  io::MemoryFileSystem files_{clock_};
  std::unique_ptr<io::ObjectStore> real_objects_ =
      *io::LocalObjectStore::open(files_, "data/objects", clock_);
  std::unique_ptr<metadata::LocalMetadata> real_metadata_ =
      *metadata::LocalMetadata::open(files_, {"data/meta", 10'000});
  WatchedObjects objects_{*real_objects_, look_};
  WatchedMetadata metadata_{*real_metadata_, look_};
  std::unique_ptr<storage::Store> store_;
  // Straight from the object store, read by read: what is deleted is missed.
  scan::SegmentOpener segments_{
      [this](const metadata::SegmentEntry& entry) -> Result<std::shared_ptr<segment::ByteSource>> {
        return std::shared_ptr<segment::ByteSource>(
            std::make_shared<GatedBytes>(storage::object_source(*real_objects_, entry), gate_));
      }};
  std::unique_ptr<instance::StoreSink> sink_;
  std::unique_ptr<instance::StoreReader> reader_;
  std::unique_ptr<instance::StoreMonitor> monitor_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace lynxdb::tests
