#include "instance/instance.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "instance/data_lock.h"
#include "instance/storage_options.h"
#include "instance/store_monitor.h"
#include "instance/store_reader.h"
#include "instance/store_sink.h"
#include "metadata/local_metadata.h"
#include "storage/object_source.h"

namespace lynxdb::instance {
namespace {

// The data of a server without a data directory: in memory where the system has such a file system,
// and gone with the process's orderly end.
class TemporaryData {
 public:
  static Result<std::unique_ptr<TemporaryData>> create() {
    for (const char* parent : {"/dev/shm", "/tmp"}) {
      std::string path = std::string(parent) + "/lynxdb-XXXXXX";
      if (::mkdtemp(path.data()) != nullptr)
        return std::unique_ptr<TemporaryData>(new TemporaryData(std::move(path)));
    }
    return Error{ErrorCode::kIo, "cannot make a directory in /dev/shm or /tmp"};
  }
  ~TemporaryData() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryData(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

storage::Log storage_log(Log log) {
  return [log = std::move(log)](storage::Severity severity, std::string_view text) {
    log(severity == storage::Severity::kError     ? Severity::kError
        : severity == storage::Severity::kWarning ? Severity::kWarning
                                                  : Severity::kInfo,
        text);
  };
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string retention_text(config::Duration retention) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(retention).count();
  if (seconds % 86'400 == 0) return std::to_string(seconds / 86'400) + "d";
  return seconds % 3'600 == 0 ? std::to_string(seconds / 3'600) + "h"
                              : std::to_string(seconds) + "s";
}

// Members stand in the order in which they are made; they go in the reverse order.
class Standalone final : public Instance {
 public:
  explicit Standalone(Log log) : log_(std::move(log)) {}
  ~Standalone() override { (void)stop(); }

  Result<> open(config::ServerConfig config, std::string version);

  const server::Server& http() const override { return *server_; }
  Result<> reload(const config::ServerConfig& config) override;
  Result<> stop() override;

 private:
  Result<std::shared_ptr<segment::ByteSource>> open_bytes(const metadata::SegmentEntry& entry);

  const Log log_;
  config::Duration shutdown_timeout_{};
  std::string local_objects_;  // The objects' directory when they are files, else "".
  std::unique_ptr<TemporaryData> temporary_;
  std::unique_ptr<DataLock> lock_;
  std::unique_ptr<io::ObjectStore> objects_;
  std::unique_ptr<metadata::LocalMetadata> metadata_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<scan::SegmentOpener> segments_;
  std::unique_ptr<StoreSink> sink_;
  std::unique_ptr<StoreReader> reader_;
  std::unique_ptr<StoreMonitor> monitor_;
  std::unique_ptr<server::Server> server_;
  bool stopped_ = false;
};

Result<> Standalone::open(config::ServerConfig config, std::string version) {
  shutdown_timeout_ = config.http.shutdown_timeout;
  std::string directory = config.data_dir;
  if (directory.empty()) {
    temporary_ = TRY(TemporaryData::create());
    directory = temporary_->path();
    config.storage.wal_sync_mode = config::WalSyncMode::kNone;
    if (config.query.spill_dir.empty()) config.query.spill_dir = directory + "/tmp";
  }
  lock_ = TRY(DataLock::take(directory));
  TRY(io::posix().create_directories(config.query.spill_dir));
  local_objects_ = objects_directory(config.storage, directory);
  objects_ = TRY(open_objects(config.storage, directory));
  metadata_ = TRY(metadata::LocalMetadata::open(io::posix(), {.directory = directory + "/meta"}));

  storage::StoreOptions options = storage_options(config, directory + "/wal");
  options.log = storage_log(log_);
  const auto measure_disk = options.disk.measure;
  store_ = TRY(storage::Store::open(std::move(options), io::posix(), *objects_, *metadata_));
  segments_ = std::make_unique<scan::SegmentOpener>(
      [this](const metadata::SegmentEntry& entry) { return open_bytes(entry); });
  sink_ = std::make_unique<StoreSink>(*store_);
  reader_ = std::make_unique<StoreReader>(*store_, *segments_);
  monitor_ =
      std::make_unique<StoreMonitor>(*store_, retention_text(config.retention), measure_disk);

  server::ServerInfo info{.version = std::move(version),
                          .cluster_id = metadata_->state()->cluster_id,
                          .node_name = host_name(),
                          .log = [this](std::string_view text) { log_(Severity::kInfo, text); }};
  server_ = TRY(server::Server::start(
      config, {.sink = *sink_, .reader = *reader_, .monitor = *monitor_}, std::move(info)));
  return {};
}

Result<std::shared_ptr<segment::ByteSource>> Standalone::open_bytes(
    const metadata::SegmentEntry& entry) {
  // Files of this machine are read where they are: the system's page cache is the cache.
  if (!local_objects_.empty()) {
    return std::shared_ptr<segment::ByteSource>(
        TRY(segment::LocalByteSource::open(io::posix(), local_objects_ + "/" + entry.object_key)));
  }
  return storage::object_source(*objects_, entry);
}

Result<> Standalone::reload(const config::ServerConfig& config) {
  TRY(server_->reload(config));
  store_->set_retention(retention_options(config));
  store_->set_compaction_rate_limit(config.storage.compaction_rate_limit_mb << 20U);
  return {};
}

Result<> Standalone::stop() {
  if (stopped_ || store_ == nullptr) return {};
  stopped_ = true;
  if (server_ != nullptr) server_->stop(shutdown_timeout_);
  const Result<> flushed = temporary_ == nullptr ? store_->flush_now() : Result<>();
  store_->stop();
  return flushed;
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::start(const config::ServerConfig& config,
                                                  std::string version, Log log) {
  auto instance = std::make_unique<Standalone>(std::move(log));
  TRY(instance->open(config, std::move(version)));
  return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace lynxdb::instance
