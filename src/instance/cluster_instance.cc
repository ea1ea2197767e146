#include "instance/cluster_instance.h"

#include <fmt/format.h>

#include <utility>

#include "cluster/boot_time.h"
#include "cluster/etcd/etcd_metadata.h"
#include "cluster/liveness/node_session.h"
#include "cluster/liveness/node_watch.h"
#include "cluster/membership/raft_metadata.h"
#include "cluster/placement/placement_loop.h"
#include "cluster/replica/replica_host.h"
#include "cluster/route/cluster_reader.h"
#include "cluster/route/leader_service.h"
#include "cluster/route/write_router.h"
#include "instance/cluster_admin.h"
#include "instance/cluster_monitor.h"
#include "instance/cluster_query.h"
#include "instance/cluster_reports.h"
#include "instance/cluster_settings.h"
#include "instance/node_context.h"
#include "instance/object_access.h"
#include "instance/shutdown_mark.h"
#include "instance/storage_options.h"
#include "instance/store_monitor.h"
#include "instance/store_sink.h"
#include "io/directory_lock.h"
#include "storage/manifest/manifest.h"
#include "storage/object_source.h"

namespace lynxdb::instance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A node that cannot form its cluster says so that often.
constexpr seconds kFormingReport{5};
// Objects that no manifest names any more may still be read by queries of other nodes.
constexpr seconds kGarbageDelay{600};
constexpr milliseconds kHandOverTimeout{3000};

cluster::Deadline within(milliseconds time) { return std::chrono::steady_clock::now() + time; }

cluster::Log cluster_log(const Log& log) {
  return [log](cluster::Severity severity, std::string_view text) {
    log(severity == cluster::Severity::kError     ? Severity::kError
        : severity == cluster::Severity::kWarning ? Severity::kWarning
                                                  : Severity::kInfo,
        text);
  };
}

// Members stand in the order in which they are made; they go in the reverse order.
class Clustered final : public Instance {
 public:
  explicit Clustered(Log log) : log_(std::move(log)) {}
  ~Clustered() override { (void)stop(); }

  Result<> open(config::ServerConfig config, StartOptions start);

  const server::Server& http() const override { return *server_; }
  Result<> reload(const config::ServerConfig& config) override;
  Result<> stop() override;

 private:
  Result<> read_tls();
  template <typename Engine, typename Options>
  Result<> start_metadata(Options options);
  Result<metadata::StatePtr> form();
  Result<> open_store(const StartOptions& start, const metadata::State& state);
  void join_in(bool log_is_whole);
  Result<> serve(StartOptions start, const metadata::State& state);
  AppendParts append_to_leaders();
  std::optional<Error> cut_off() const;
  void note(std::string_view text) const { log_(Severity::kInfo, text); }
  [[noreturn]] void end(const Error& error) const;

  const Log log_;
  config::ServerConfig config_;
  std::optional<io::DirectoryLock> lock_;
  std::unique_ptr<io::ObjectStore> objects_;
  std::unique_ptr<ObjectAccess> access_;
  cluster::ClusterTlsPtr tls_;
  std::unique_ptr<cluster::MetadataEngine> metadata_;
  std::unique_ptr<cluster::DataCalls> calls_;
  std::unique_ptr<cluster::ReplicaHost> replicas_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<cluster::LeaderService> service_;
  std::unique_ptr<cluster::NodeSession> session_;
  std::unique_ptr<cluster::NodeWatch> watch_;
  std::unique_ptr<cluster::PlacementLoop> placement_;
  std::unique_ptr<cluster::WriteRouter> router_;
  std::unique_ptr<cluster::ClusterReader> cluster_reader_;
  std::unique_ptr<scan::SegmentOpener> segments_;
  std::unique_ptr<gather::ShareRunner> share_runner_;
  std::unique_ptr<StoreSink> sink_;
  std::unique_ptr<GatheringReader> reader_;
  std::unique_ptr<StoreMonitor> store_monitor_;
  std::unique_ptr<ClusterReports> reports_;
  std::unique_ptr<ClusterMonitor> monitor_;
  std::unique_ptr<ClusterAdmin> admin_;
  std::unique_ptr<server::Server> server_;
  bool stopped_ = false;
};

Result<> Clustered::open(config::ServerConfig config, StartOptions start) {
  TRY(check_cluster(config));
  config_ = std::move(config);
  TRY(read_tls());
  if (config_.query.spill_dir.empty()) config_.query.spill_dir = "/tmp";
  TRY(io::posix().create_directories(config_.query.spill_dir));
  TRY(io::posix().create_directories(config_.data_dir));
  lock_ = TRY(io::DirectoryLock::acquire(config_.data_dir));
  objects_ = TRY(open_objects(config_.storage));
  access_ = TRY(ObjectAccess::open(config_, io::posix(), *objects_));
  const metadata::StatePtr state = TRY(form());
  TRY(drop_segments(*metadata_, start.dropped_segments, log_));
  TRY(open_store(start, *state));
  const bool found_whole = TRY(begin_life(io::posix(), config_.data_dir));
  join_in(found_whole || config_.storage.wal_sync_mode == config::WalSyncMode::kFsync);
  return serve(std::move(start), *state);
}

Result<> Clustered::read_tls() {
  const config::TlsConfig& tls = config_.cluster.tls;
  if (!tls.enabled) return {};
  tls_ = TRY(cluster::read_cluster_tls(
      {.cert_file = tls.cert_file, .key_file = tls.key_file, .ca_file = tls.ca_file}));
  return {};
}

template <typename Engine, typename Options>
Result<> Clustered::start_metadata(Options options) {
  options.tls = tls_;
  options.founding = [this](metadata::CreateCluster create) {
    return storage::founding_command(*objects_, std::move(create));
  };
  options.log = cluster_log(log_);
  options.failed = [this](const Error& error) { end(error); };
  note(fmt::format("node '{}', cluster port {}, known to others as {}", options.node_name,
                   options.listen, options.advertise));
  metadata_ = TRY(Engine::start(io::posix(), std::move(options)));
  return {};
}

Result<metadata::StatePtr> Clustered::form() {
  if (config_.cluster.metadata == config::MetadataEngine::kEtcd) {
    TRY(start_metadata<cluster::EtcdMetadata>(etcd_metadata_options(config_)));
  } else {
    TRY(start_metadata<cluster::RaftMetadata>(raft_metadata_options(config_)));
  }
  while (true) {
    auto state = metadata_->wait_formed(within(kFormingReport));
    if (state) return state;
    if (state.error().code != ErrorCode::kUnavailable) return state;
    note(state.error().message);
  }
}

Result<> Clustered::open_store(const StartOptions& start, const metadata::State& state) {
  calls_ = std::make_unique<cluster::DataCalls>(cluster::DataCallsOptions{
      .own_address = cluster_address(config_), .tls = tls_, .cluster_id = state.cluster_id});
  cluster::ReplicaHostOptions replicas{.replication = replication_options(config_)};
  replicas.log_is_busy = [this, max = storage::WalOptions{}.queue_bytes_max] {
    return store_->stats().wal_queue_bytes >= max;
  };
  replicas.log = [this](std::string_view text) { log_(Severity::kWarning, text); };
  replicas.failed = [this](const Error& error) { end(error); };
  replicas.registered_anew = [this] { session_->register_again(); };
  replicas_ = std::make_unique<cluster::ReplicaHost>(*metadata_, *calls_, std::move(replicas));

  storage::StoreOptions options = storage_options(config_);
  options.directory = config_.data_dir;
  options.partition_count = static_cast<std::uint32_t>(state.partitions.size());
  options.disk.measure = [path = config_.data_dir] { return io::disk_space(path); };
  options.replicator = replicas_.get();
  options.keeps_house = [this] { return metadata_->leads(); };
  options.garbage_delay = kGarbageDelay;
  options.log = storage_log(log_);
  options.accept_log_damage = start.accept_log_damage;
  store_ = TRY(storage::Store::open(std::move(options), io::posix(), *objects_, *metadata_));
  service_ = std::make_unique<cluster::LeaderService>(*metadata_, *replicas_, *store_);
  segments_ = std::make_unique<scan::SegmentOpener>(
      [this](const metadata::SegmentEntry& entry) { return access_->open_bytes(entry); });
  share_runner_ = std::make_unique<gather::ShareRunner>(*segments_, share_runner_options(config_));
  run_shares(*service_, *share_runner_, config_);
  replicas_->open(store_->replicated());
  metadata_->set_data_handlers(service_.get());
  return {};
}

// From here on the others count on this node.
void Clustered::join_in(bool log_is_whole) {
  cluster::NodeSessionOptions session;
  session.registration.name = config_.cluster.node_id;
  session.registration.incarnation = metadata_->incarnation();
  session.registration.roles = node_roles(config_);
  session.registration.raft_id = metadata_->member_id();
  session.registration.cluster_address = cluster_address(config_);
  session.registration.http_address = http_address(config_);
  session.registration.log_is_whole = log_is_whole;
  session.heartbeat_interval = in_ms(config_.cluster.heartbeat_interval);
  session.lease_duration = in_ms(config_.cluster.lease_duration);
  session.registered = [this](metadata::NodeId node, metadata::NodeEpoch epoch) {
    replicas_->registered(node, epoch);
  };
  session.answered = [this](std::int64_t sent_ms, metadata::Version version) {
    replicas_->heartbeat_answered(sent_ms, version);
  };
  session.fitness = [this] { return store_->log_health(); };
  session.log = [this](std::string_view text) { note(text); };
  session_ = std::make_unique<cluster::NodeSession>(*metadata_, std::move(session));
  cluster::NodeWatchOptions watch;
  watch.detector.fence_timeout = in_ms(config_.cluster.fence_timeout);
  watch.log = [this](std::string_view text) { log_(Severity::kWarning, text); };
  watch_ = std::make_unique<cluster::NodeWatch>(*metadata_, metadata_->links(), std::move(watch));
  cluster::PlacementLoopOptions placement;
  placement.placement.moves_max = config_.cluster.rebalance_max_moves;
  placement.placement.balances = config_.cluster.rebalance_enabled;
  placement.keeps_copy = in_ms(config_.cluster.fence_timeout);
  placement_ = std::make_unique<cluster::PlacementLoop>(*metadata_, placement);
}

Result<> Clustered::serve(StartOptions start, const metadata::State& state) {
  router_ = std::make_unique<cluster::WriteRouter>(
      *metadata_, *calls_, *service_,
      cluster::WriteRouterOptions{.own_name = config_.cluster.node_id,
                                  .timeout = in_ms(config_.cluster.request_timeout),
                                  .hopeless = [this] { return cut_off(); }});
  cluster_reader_ = std::make_unique<cluster::ClusterReader>(*metadata_, *calls_, *service_,
                                                             config_.cluster.node_id);
  sink_ = std::make_unique<StoreSink>(*store_, append_to_leaders(), true);
  reader_ = std::make_unique<GatheringReader>(*cluster_reader_, *store_, *segments_, config_);
  store_monitor_ = std::make_unique<StoreMonitor>(
      *store_, retention_texts(config_),
      StoreMonitor::Sources{
          .disk = [directory = config_.data_dir] { return io::disk_space(directory); },
          .objects = config_.storage.s3_bucket.empty() ? nullptr : objects_.get(),
          .cache = access_->cache()});
  const auto report = [this] { return own_report(*store_monitor_, *replicas_); };
  reports_ = std::make_unique<ClusterReports>(*metadata_, *calls_, config_.cluster.node_id, report);
  service_->set_reporter(report);
  monitor_ = std::make_unique<ClusterMonitor>(config_.cluster.node_id, *store_monitor_, *metadata_,
                                              *replicas_, *reports_);
  admin_ = std::make_unique<ClusterAdmin>(*metadata_, in_ms(config_.cluster.request_timeout));
  server::ServerInfo info{
      .version = std::move(start.version),
      .cluster_id = state.cluster_id,
      .node_name = config_.cluster.node_id,
      .log = [this](std::string_view text) { note(text); },
      .log_error = [this](std::string_view text) { log_(Severity::kError, text); }};
  server_ = TRY(server::Server::start(config_,
                                      {.sink = *sink_,
                                       .reader = *reader_,
                                       .monitor = *monitor_,
                                       .clock = *start.clock,
                                       .cluster = admin_.get()},
                                      std::move(info)));
  return {};
}

// A cluster that has lost its leader has another one sooner than that.
std::optional<Error> Clustered::cut_off() const {
  constexpr milliseconds kPatience{6000};
  const std::int64_t lease_end_ms = replicas_->lease_end_ms();
  const bool has_just_begun = lease_end_ms == 0;
  if (has_just_begun || cluster::boot_time_ms() - lease_end_ms < kPatience.count())
    return std::nullopt;
  return Error{
      ErrorCode::kUnavailable,
      "this node has not heard from its cluster lately: it is cut off, or so many nodes are "
      "down that nobody leads",
      "retry with the same batch id, at another node or later"};
}

AppendParts Clustered::append_to_leaders() {
  return [this](std::vector<storage::AppendRequest> parts, const auto& done) {
    router_->append(std::move(parts), [done](cluster::AppendOutcomes outcomes) {
      for (std::size_t i = 0; i < outcomes.size(); ++i) done(i, std::move(outcomes[i]));
    });
  };
}

Result<> Clustered::reload(const config::ServerConfig& config) {
  TRY(server_->reload(config));
  store_->set_retention(retention_options(config));
  store_monitor_->set_retention(retention_texts(config));
  store_->set_compaction_rate_limit(config.storage.compaction_rate_limit_mb << 20U);
  placement_->set_balances(config.cluster.rebalance_enabled);
  return {};
}

// Others take over first, then what is under way here ends: it goes on at the new leaders.
Result<> Clustered::stop() {
  if (stopped_ || metadata_ == nullptr) return {};
  stopped_ = true;
  if (server_ != nullptr) server_->begin_shutdown();
  if (placement_ != nullptr) placement_->stop();
  if (metadata_->leads()) (void)metadata_->hand_over(within(kHandOverTimeout));
  if (session_ != nullptr) session_->leave();
  if (server_ != nullptr) server_->stop(config_.http.shutdown_timeout);
  if (reports_ != nullptr) reports_->stop();
  if (router_ != nullptr) router_->stop();
  if (service_ != nullptr) service_->stop_shares();
  if (watch_ != nullptr) watch_->stop();
  objects_->cancel();
  if (replicas_ != nullptr) replicas_->stop();
  if (store_ != nullptr) store_->stop();
  metadata_->set_data_handlers(nullptr);
  if (calls_ != nullptr) calls_->stop();
  metadata_->stop();
  if (store_ == nullptr || !store_->health()) return {};
  return end_life(io::posix(), config_.data_dir);
}

// To go on would be to answer from a log, or from metadata, that is not what it should be. The
// others take over.
void Clustered::end(const Error& error) const {
  log_(Severity::kError, "this node ends: " + error.message +
                             (error.suggestion.empty() ? "" : "; " + error.suggestion));
  std::_Exit(1);
}

}  // namespace

Result<std::unique_ptr<Instance>> start_cluster_instance(const config::ServerConfig& config,
                                                         StartOptions options, Log log) {
  auto instance = std::make_unique<Clustered>(std::move(log));
  TRY(instance->open(config, std::move(options)));
  return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace lynxdb::instance
