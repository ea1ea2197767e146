#include "instance/cluster_query.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "gather/picture_source.h"
#include "instance/scan_stats.h"
#include "instance/storage_options.h"

namespace lynxdb::instance {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

class GatheredView final : public server::QueryView {
 public:
  explicit GatheredView(std::shared_ptr<gather::Picture> picture) : picture_(std::move(picture)) {}

  Result<query::SourcePtr> open(const std::vector<spl2::SourceName>& names,
                                const query::ScanRequest& request,
                                query::Execution& execution) override {
    return gather::open_picture(picture_, names, request, execution);
  }

  server::ScanStats stats() const override {
    server::ScanStats stats = scan_stats(picture_->counters());
    for (const auto& [name, work] : picture_->work()) {
      stats.nodes.push_back({.name = name,
                             .segments = work.segments,
                             .tail_rows = work.tail_rows,
                             .rows_read = work.rows_read,
                             .rows_received = work.rows_received,
                             .bytes_received = work.bytes_received,
                             .failures = work.failures});
    }
    return stats;
  }

  std::vector<std::string> indexes() const override {
    return {picture_->indexes().begin(), picture_->indexes().end()};
  }
  bool spreads() const override { return true; }
  std::vector<server::MissingEvents> missing() const override {
    std::vector<server::MissingEvents> missing;
    for (const cluster::MissingPart& part : picture_->missing())
      missing.push_back({part.partition.value(), part.why});
    return missing;
  }

 private:
  const std::shared_ptr<gather::Picture> picture_;
};

}  // namespace

GatheringReader::GatheringReader(cluster::ClusterReader& reader, storage::Store& store,
                                 scan::SegmentOpener& segments, const config::ServerConfig& config)
    : reader_(reader),
      store_(store),
      segments_(segments),
      nodes_(reader),
      own_name_(config.cluster.node_id),
      timeout_(in_ms(config.cluster.shard_query_timeout)) {}

Result<std::shared_ptr<server::QueryView>> GatheringReader::view_with(
    const server::ViewOptions& options) {
  const auto now = Steady::now();
  milliseconds timeout = timeout_;
  if (options.deadline != Steady::time_point::max()) {
    const auto left = std::chrono::duration_cast<milliseconds>(options.deadline - now);
    // Who takes less than everything wants to have it while there is time to read it.
    timeout = std::min(timeout, options.partial_results ? left / 3 : left);
  }
  auto picture = TRY(reader_.read(now + timeout, options.partial_results));
  std::vector<storage::TailBatchPtr> own;
  for (const cluster::LeaderTail& tail : picture.tails)
    if (tail.is_own) own = tail.hold.batches;
  storage::ReadView local = store_.view_of(picture.state, std::move(own));
  gather::PictureOptions how{
      .own_name = own_name_, .partial = options.partial_results, .lost_leader_timeout = timeout};
  return std::shared_ptr<server::QueryView>(
      std::make_shared<GatheredView>(std::make_shared<gather::Picture>(
          std::move(picture), std::move(local), nodes_, segments_, std::move(how))));
}

gather::ShareRunnerOptions share_runner_options(const config::ServerConfig& config) {
  return {.threads = std::max(1U, std::thread::hardware_concurrency()),
          .memory_bytes = config.query.global_query_pool_bytes,
          .spill_directory = config.query.spill_dir,
          .spill_bytes_max = config.query.max_temp_dir_bytes};
}

void run_shares(cluster::LeaderService& service, gather::ShareRunner& runner,
                const config::ServerConfig& config) {
  service.set_share_runner(
      [&runner](const auto& tail, const std::string& request, cluster::Deadline deadline,
                const cluster::ShareOutput& out) {
        return runner.run(tail, request, deadline, out);
      },
      config.cluster.max_concurrent_shard_queries);
}

}  // namespace lynxdb::instance
