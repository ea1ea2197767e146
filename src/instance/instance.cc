#include "instance/instance.h"

#include <unistd.h>

#include <array>
#include <future>
#include <thread>
#include <utility>

#include "instance/storage_options.h"
#include "instance/store_monitor.h"
#include "instance/store_reader.h"
#include "instance/store_sink.h"
#include "io/range_cache.h"
#include "io/resident_spans.h"
#include "storage/data_directory.h"
#include "storage/object_source.h"

namespace lynxdb::instance {
namespace {

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
  if (seconds == 0) return "0";
  if (seconds % 86'400 == 0) return std::to_string(seconds / 86'400) + "d";
  return seconds % 3'600 == 0 ? std::to_string(seconds / 3'600) + "h"
                              : std::to_string(seconds) + "s";
}

StoreMonitor::Retention retention_texts(const config::ServerConfig& config) {
  StoreMonitor::Retention texts{.all = retention_text(config.retention), .by_index = {}};
  for (const auto& [index, retention] : config.index_retention)
    texts.by_index[index] = retention_text(retention);
  return texts;
}

// Of segments in local files, what may count as the server's memory (docs/ARCHITECTURE.md, limits).
constexpr std::uint64_t kMappedBytesMax = std::uint64_t{128} << 20U;

// An S3 object read through the cache.
class CachedBytes final : public segment::ByteSource {
 public:
  CachedBytes(io::RangeCache& cache, std::string key, std::uint64_t size_bytes)
      : cache_(cache), key_(std::move(key)), size_bytes_(size_bytes) {}

  std::uint64_t size() const override { return size_bytes_; }
  Result<segment::SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    auto bytes = cache_.read(key_, size_bytes_, {.offset = offset, .size = size});
    if (!bytes) return storage::object_read_error(std::move(bytes).error(), key_);
    return segment::SharedBytes::of(*std::move(bytes));
  }
  // Whole blocks are fetched anyway.
  std::uint64_t gap_bytes() const override { return io::RangeCache::kBlockBytes; }

 private:
  io::RangeCache& cache_;
  const std::string key_;
  const std::uint64_t size_bytes_;
};

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
  Result<std::shared_ptr<segment::ByteSource>> open_bytes(const metadata::SegmentEntry& entry);
  Result<std::shared_ptr<segment::ByteSource>> mapped_bytes(const metadata::SegmentEntry& entry);
  Result<> drop_segments(const std::vector<std::string>& object_keys);
  Result<> flush_in_time();

  const Log log_;
  config::Duration shutdown_timeout_{};
  std::string local_objects_;  // The objects' directory when they are files of this machine.
  std::unique_ptr<storage::DataDirectory> data_;
  io::ResidentSpans mapped_spans_{kMappedBytesMax};  // Of segments in local files.
  std::unique_ptr<io::RangeCache> cache_;            // Of S3 objects; else null.
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
  local_objects_ = objects_directory(config.storage, config.data_dir);
  std::unique_ptr<io::ObjectStore> objects = TRY(open_objects(config.storage));
  data_ =
      TRY(storage::DataDirectory::open(config.data_dir, base::real_clock(), std::move(objects)));
  if (!data_->mended().empty())
    log_(Severity::kWarning, "the metadata was damaged: " + data_->mended());
  if (config.query.spill_dir.empty()) config.query.spill_dir = "/tmp";
  TRY(io::posix().create_directories(config.query.spill_dir));
  if (!config.storage.s3_bucket.empty()) {
    cache_ = TRY(io::RangeCache::open(data_->files(), config.data_dir + "/cache", data_->objects(),
                                      {.memory_bytes = config.storage.cache_max_bytes,
                                       .disk_bytes = config.storage.segment_cache_bytes}));
  }
  storage::StoreOptions options = storage_options(config);
  options.log = storage_log(log_);
  options.accept_log_damage = start.accept_log_damage;
  TRY(drop_segments(start.dropped_segments));
  store_ = TRY(data_->open_store(std::move(options)));
  segments_ = std::make_unique<scan::SegmentOpener>(
      [this](const metadata::SegmentEntry& entry) { return open_bytes(entry); });
  sink_ = std::make_unique<StoreSink>(*store_);
  reader_ = std::make_unique<StoreReader>(*store_, *segments_);
  StoreMonitor::Sources sources{
      .disk = {},
      .objects = config.storage.s3_bucket.empty() ? nullptr : &data_->objects(),
      .cache = cache_.get()};
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

Result<> Standalone::drop_segments(const std::vector<std::string>& object_keys) {
  for (const std::string& key : object_keys) {
    metadata::DropSegments command;
    std::uint64_t events = 0;
    for (const auto& [id, segment] : data_->metadata().state()->segments) {
      if (segment->object_key != key) continue;
      command.removed.push_back(id);
      events += segment->rows;
    }
    if (command.removed.empty())
      return Error{ErrorCode::kNotFound, "there is no segment " + key,
                   "leave --drop-damaged-segment out: it may have been dropped already"};
    TRY(data_->metadata().propose(command));
    log_(Severity::kWarning,
         "dropped the segment " + key + ", and its " + std::to_string(events) + " events");
  }
  return {};
}

Result<std::shared_ptr<segment::ByteSource>> Standalone::open_bytes(
    const metadata::SegmentEntry& entry) {
  if (cache_ == nullptr && local_objects_.empty())
    return storage::object_source(data_->objects(), entry);
  // Files of this machine are read where they are: the system's page cache is the cache.
  if (!local_objects_.empty()) return mapped_bytes(entry);
  return std::shared_ptr<segment::ByteSource>(
      std::make_shared<CachedBytes>(*cache_, entry.object_key, entry.size_bytes));
}

Result<std::shared_ptr<segment::ByteSource>> Standalone::mapped_bytes(
    const metadata::SegmentEntry& entry) {
  auto bytes =
      segment::MappedByteSource::open(local_objects_ + "/" + entry.object_key, mapped_spans_);
  // One that is gone is damage: nobody asked for it by name.
  if (!bytes.has_value())
    return storage::object_read_error(std::move(bytes).error(), entry.object_key);
  return std::shared_ptr<segment::ByteSource>(*std::move(bytes));
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
  const Result<> flushed = !data_->in_memory() ? flush_in_time() : Result<>();
  data_->objects().cancel();
  store_->stop();
  return flushed;
}

// Uploads get as long as requests did. What is staged by then waits for the next start.
Result<> Standalone::flush_in_time() {
  std::promise<void> flushed;
  std::thread limit([&, is_flushed = flushed.get_future()] {
    if (is_flushed.wait_for(shutdown_timeout_) == std::future_status::timeout)
      data_->objects().cancel();
  });
  Result<> result = store_->flush_now();
  flushed.set_value();
  limit.join();
  return result;
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::start(const config::ServerConfig& config,
                                                  StartOptions options, Log log) {
  auto instance = std::make_unique<Standalone>(std::move(log));
  TRY(instance->open(config, std::move(options)));
  return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace lynxdb::instance
