#include "server/server.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "server/http/front.h"
#include "server/http/http_server.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

// Half of what queries may use together: bodies are in work for milliseconds only.
std::size_t body_pool_bytes(const config::ServerConfig& config) {
  constexpr std::uint64_t kLeast = 64U << 20U;
  return std::max(
      {kLeast, config.ingest.max_body_bytes * 2, config.query.global_query_pool_bytes / 2});
}

IngestLimits ingest_limits(const config::ServerConfig& config) {
  IngestLimits limits{.body_bytes_max = config.ingest.max_body_bytes,
                      .line_bytes_max = config.ingest.max_line_bytes,
                      .fields_max = config.ingest.max_fields_per_event,
                      .zone_offset_s = config.ingest.default_zone_offset_s,
                      .requests_per_second = config.http.rate_limit,
                      .retention = config.retention,
                      .index_retention = {}};
  for (const auto& [index, retention] : config.index_retention)
    limits.index_retention[index] = retention;
  return limits;
}

QueryLimits query_limits(const config::ServerConfig& config) {
  return {.sync_timeout = config.query.sync_timeout,
          .runtime_max = config.query.max_query_runtime,
          .running_max = config.query.max_concurrent,
          .waiting_max = config.query.max_queued,
          .rows_default = config.query.default_result_limit,
          .rows_max = config.query.max_result_limit,
          .memory_bytes_max = config.query.max_query_memory_bytes,
          .text_bytes_max = config.query.max_query_length_bytes,
          .threads = cores(),
          .spill_directory = config.query.spill_dir.empty() ? "/tmp" : config.query.spill_dir,
          .spill_bytes_max = config.query.max_temp_dir_bytes,
          .slow_threshold = std::chrono::milliseconds(config.query.slow_query_threshold_ms),
          .partial_results = config.cluster.partial_results};
}

// As many descriptors as the connections need, or as the system allows.
void raise_descriptor_limit(std::uint64_t connections) {
  constexpr std::uint64_t kOthers = 1024;  // Segments, logs, spill files.
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= connections + kOthers) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, connections + kOthers);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class RunningServer final : public Server {
 public:
  RunningServer(const config::ServerConfig& config, ServerParts parts, ServerInfo info)
      : config_(config),
        info_(std::move(info)),
        front_(config.http.cors_origins),
        ingest_(parts.sink, parts.clock, ingest_limits(config), cores()),
        query_(parts.reader, parts.clock, query_limits(config),
               config.query.global_query_pool_bytes),
        api_{.front = front_,
             .ingest = ingest_,
             .query = query_,
             .store = parts.monitor,
             .clock = parts.clock,
             .cluster = parts.cluster,
             .version = info_.version,
             .cluster_id = info_.cluster_id,
             .node_name = info_.node_name} {
    add_all_routes(front_.router(), api_);
    query_.on_slow_query([this](std::string_view id, std::chrono::milliseconds took) {
      info_.log("slow query " + std::string(id) + ": " + std::to_string(took.count()) + " ms");
    });
    query_.on_store_failure([this](const Error& error) {
      info_.log_error("query: " + error.message +
                      (error.suggestion.empty() ? "" : "; " + error.suggestion));
    });
  }
  ~RunningServer() override { stop(std::chrono::nanoseconds(0)); }

  Result<> listen() {
    raise_descriptor_limit(config_.http.max_connections);
    HttpOptions options;
    options.listen = config_.listen;
    options.threads = cores();
    options.read_header_timeout = config_.http.read_header_timeout;
    options.idle_timeout = config_.http.idle_timeout;
    options.connections_max = config_.http.max_connections;
    options.body_pool_bytes = body_pool_bytes(config_);
    options.tls = TRY(tls_context(config_));
    http_ = TRY(HttpServer::start(std::move(options), front_));
    return {};
  }

  std::uint16_t port() const override { return http_->port(); }

  std::vector<std::string> urls() const override {
    std::vector<std::string> urls = http_->addresses();
    for (std::string& url : urls) url = (config_.tls.enabled ? "https://" : "http://") + url;
    return urls;
  }

  std::string certificate_fingerprint() const override { return fingerprint_; }

  Result<> reload(const config::ServerConfig& config) override {
    if (config_.tls.enabled) http_->set_tls(TRY(tls_context(config_)));
    ingest_.set_limits(ingest_limits(config));
    query_.set_limits(query_limits(config));
    return {};
  }

  void begin_shutdown() override { front_.begin_shutdown(); }

  void stop(std::chrono::nanoseconds grace) override {
    begin_shutdown();
    if (http_ == nullptr) return;
    http_->stop(grace);
    query_.stop();
  }

 private:
  // Null without TLS.
  Result<std::shared_ptr<SSL_CTX>> tls_context(const config::ServerConfig& config) {
    std::shared_ptr<SSL_CTX> none;
    if (!config.tls.enabled) return none;
    CertificateFiles files{config.tls.cert_file, config.tls.key_file};
    if (files.certificate.empty()) {
      const std::string directory =
          config.data_dir.empty() ? temporary_directory() : config.data_dir;
      files = TRY(self_signed_certificate(directory));
      fingerprint_ = TRY(server::certificate_fingerprint(files.certificate));
    }
    return load_tls_context(files);
  }

  // Without a data directory a certificate lasts as long as the server.
  std::string temporary_directory() {
    if (temporary_directory_.empty()) {
      std::string name = "/tmp/lynxdb-tls-XXXXXX";
      temporary_directory_ = ::mkdtemp(name.data()) == nullptr ? "/tmp" : name;
    }
    return temporary_directory_;
  }

  const config::ServerConfig config_;
  const ServerInfo info_;
  std::string fingerprint_;
  std::string temporary_directory_;
  Front front_;
  // Stopped first, destroyed behind the services: their tasks may still hold its requests.
  std::unique_ptr<HttpServer> http_;
  IngestService ingest_;
  QueryService query_;
  Api api_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const config::ServerConfig& config, ServerParts parts,
                                              ServerInfo info) {
  auto server = std::make_unique<RunningServer>(config, parts, std::move(info));
  TRY(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace lynxdb::server
