#include "instance/instance.h"

#include <utility>

#include "instance/cluster_instance.h"
#include "instance/node_context.h"
#include "instance/object_access.h"
#include "instance/storage_options.h"
#include "instance/store_monitor.h"
#include "instance/store_reader.h"
#include "instance/store_sink.h"
#include "storage/data_directory.h"

namespace lynxdb::instance {
namespace {

// Members stand in the order in which they are made; they go in the reverse order.
class Standalone final : public Instance {
 public:
  explicit Standalone(Log log) : log_(std::move(log)) {}
  ~Standalone() override { (void)stop(); }

  Result<> open(config::ServerConfig config, StartOptions start);

  const server::Server& http() const override { return *server_; }
  Result<> reload(const config::ServerConfig& config) override;
  Result<> stop() override;

 private:
  const Log log_;
  config::Duration shutdown_timeout_{};
  std::unique_ptr<storage::DataDirectory> data_;
  std::unique_ptr<ObjectAccess> access_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<scan::SegmentOpener> segments_;
  std::unique_ptr<StoreSink> sink_;
  std::unique_ptr<StoreReader> reader_;
  std::unique_ptr<StoreMonitor> monitor_;
  std::unique_ptr<server::Server> server_;
  bool stopped_ = false;
};

Result<> Standalone::open(config::ServerConfig config, StartOptions start) {
  shutdown_timeout_ = config.http.shutdown_timeout;
  std::unique_ptr<io::ObjectStore> objects = TRY(open_objects(config.storage));
  data_ =
      TRY(storage::DataDirectory::open(config.data_dir, base::real_clock(), std::move(objects)));
  if (!data_->mended().empty())
    log_(Severity::kWarning, "the metadata was damaged: " + data_->mended());
  if (config.query.spill_dir.empty()) config.query.spill_dir = "/tmp";
  TRY(io::posix().create_directories(config.query.spill_dir));
  access_ = TRY(ObjectAccess::open(config, data_->files(), data_->objects()));
  storage::StoreOptions options = storage_options(config);
  options.log = storage_log(log_);
  options.accept_log_damage = start.accept_log_damage;
  TRY(drop_segments(data_->metadata(), start.dropped_segments, log_));
  store_ = TRY(data_->open_store(std::move(options)));
  segments_ = std::make_unique<scan::SegmentOpener>(
      [this](const metadata::SegmentEntry& entry) { return access_->open_bytes(entry); });
  sink_ = std::make_unique<StoreSink>(*store_, append_to(*store_));
  reader_ = std::make_unique<StoreReader>([this] { return store_->read_view(); }, *segments_);
  StoreMonitor::Sources sources{
      .disk = {},
      .objects = config.storage.s3_bucket.empty() ? nullptr : &data_->objects(),
      .cache = access_->cache()};
  if (!data_->in_memory())
    sources.disk = [directory = config.data_dir] { return io::disk_space(directory); };
  monitor_ = std::make_unique<StoreMonitor>(*store_, retention_texts(config), std::move(sources));

  server::ServerInfo info{
      .version = std::move(start.version),
      .cluster_id = data_->metadata().state()->cluster_id,
      .node_name = host_name(),
      .log = [this](std::string_view text) { log_(Severity::kInfo, text); },
      .log_error = [this](std::string_view text) { log_(Severity::kError, text); }};
  server_ = TRY(server::Server::start(
      config, {.sink = *sink_, .reader = *reader_, .monitor = *monitor_, .clock = *start.clock},
      std::move(info)));
  return {};
}

Result<> Standalone::reload(const config::ServerConfig& config) {
  TRY(server_->reload(config));
  store_->set_retention(retention_options(config));
  monitor_->set_retention(retention_texts(config));
  store_->set_compaction_rate_limit(config.storage.compaction_rate_limit_mb << 20U);
  return {};
}

Result<> Standalone::stop() {
  if (stopped_ || store_ == nullptr) return {};
  stopped_ = true;
  if (server_ != nullptr) server_->stop(shutdown_timeout_);
  const Result<> flushed = !data_->in_memory()
                               ? flush_in_time(*store_, data_->objects(), shutdown_timeout_)
                               : Result<>();
  data_->objects().cancel();
  store_->stop();
  return flushed;
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::start(const config::ServerConfig& config,
                                                  StartOptions options, Log log) {
  if (config.cluster.enabled)
    return start_cluster_instance(config, std::move(options), std::move(log));
  auto instance = std::make_unique<Standalone>(std::move(log));
  TRY(instance->open(config, std::move(options)));
  return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace lynxdb::instance
