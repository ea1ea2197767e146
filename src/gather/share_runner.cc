#include "gather/share_runner.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "event/batch_codec.h"
#include "gather/share_view.h"
#include "query/parallel.h"
#include "query/shard.h"
#include "query/spill.h"

namespace lynxdb::gather {
namespace {

using std::chrono::milliseconds;

// A frame of rows ends when it holds about this much.
constexpr std::size_t kFrameBytes = std::size_t{1} << 20U;
constexpr milliseconds kCancelledPause{20};

// Looks at whether anybody still wants the answer, while the work goes on.
class Attention {
 public:
  Attention(const std::function<bool()>& cancelled, query::Cancellation& cancellation)
      : thread_([this, &cancelled, &cancellation] { watch(cancelled, cancellation); }) {}
  ~Attention() {
    {
      const base::MutexLock lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

 private:
  void watch(const std::function<bool()>& cancelled, query::Cancellation& cancellation) {
    const base::MutexLock lock(mutex_);
    while (!done_) {
      if (cancelled()) return cancellation.cancel();
      (void)changed_.wait_until(mutex_, std::chrono::steady_clock::now() + kCancelledPause);
    }
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  bool done_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

ShareReport report_of(const scan::ScanCounters& counters) {
  ShareReport report;
  report.rows_read = counters.rows_read;
  report.bytes_read = counters.bytes_read;
  for (std::size_t i = 0; i < scan::kSkips; ++i) {
    report.segments_skipped[i] = counters.segments_skipped[i];
    report.row_groups_skipped[i] = counters.row_groups_skipped[i];
  }
  return report;
}

// In frames of about kFrameBytes. False: nobody wants more.
bool send_batch(const event::EventBatch& batch, const cluster::ShareOutput& out) {
  const std::size_t bytes = batch.memory_bytes();
  const std::size_t frames = std::clamp<std::size_t>(bytes / kFrameBytes, 1, batch.rows());
  const std::size_t rows = (batch.rows() + frames - 1) / frames;
  for (std::size_t begin = 0; begin < batch.rows(); begin += rows) {
    std::string encoded;
    event::encode(batch.slice(begin, std::min(rows, batch.rows() - begin)), encoded);
    if (!out.send(encode_frame(FrameKind::kRows, encoded))) return false;
  }
  return true;
}

}  // namespace

struct ShareRunner::Running {
  ShareRequest request;
  const std::vector<storage::TailBatchPtr>& tail;
  query::Cancellation cancellation{};
  Deadline deadline{};
  scan::ScanCounters counters{};
};

Result<> ShareRunner::run(const std::vector<storage::TailBatchPtr>& tail, std::string_view request,
                          Deadline deadline, const cluster::ShareOutput& out) {
  Running running{.request = TRY(decode_share_request(request)), .tail = tail};
  running.deadline = deadline;
  running.cancellation.set_deadline(deadline);
  const Attention attention(out.cancelled, running.cancellation);
  return running.request.scan.shard_text.empty() ? send_rows(running, out)
                                                 : send_groups(running, out);
}

Result<query::SourcePtr> ShareRunner::open(Running& running, const query::ScanRequest& request,
                                           query::Execution& execution,
                                           scan::KeepOrder keep_order) {
  const ShareRequest& share = running.request;
  return scan::open_store_source(share_view(share.segments, running.tail, share.border), segments_,
                                 share.indexes, request, execution, running.counters, keep_order);
}

Result<> ShareRunner::send_rows(Running& running, const cluster::ShareOutput& out) {
  query::ScanRequest scan = running.request.scan;
  scan.filters = TRY(query::read_filters(scan.filter_text, running.request.now_ns));
  query::SpillSpace spill(options_.spill_directory, options_.spill_bytes_max);
  query::Execution execution(running.request.memory_bytes, spill, &running.cancellation, &memory_);
  execution.now_ns = running.request.now_ns;
  execution.cancellation.set_deadline(running.deadline);
  // Who wants few rows wants none that are read ahead.
  execution.threads = scan.rows_wanted > 0 ? 1 : options_.threads;
  auto source = TRY(open(running, scan, execution, scan::KeepOrder::kYes));
  const query::OperatorPtr rows = query::make_parallel_scan(std::move(source), {}, execution);
  while (const std::optional<event::EventBatch> batch = TRY(rows->next()))
    if (!send_batch(*batch, out)) return Error{ErrorCode::kCancelled, "nobody wants the rows"};
  ShareReport report = report_of(running.counters);
  report.hints = execution.hints.list();
  (void)out.send(encode_frame(FrameKind::kEnd, encode(report)));
  return {};
}

Result<> ShareRunner::send_groups(Running& running, const cluster::ShareOutput& out) {
  const ShareRequest& share = running.request;
  query::QueryOptions options;
  options.memory_limit_bytes = share.memory_bytes;
  options.threads = options_.threads;
  options.spill_directory = options_.spill_directory;
  options.spill_bytes_max = options_.spill_bytes_max;
  options.now_ns = share.now_ns;
  options.from_ns = share.scan.query_from_ns;
  options.to_ns = share.scan.query_to_ns;
  options.newest_first = true;
  options.cancellation = &running.cancellation;
  options.memory_pool = &memory_;
  options.timeout = std::max(
      std::chrono::duration_cast<milliseconds>(running.deadline - std::chrono::steady_clock::now()),
      milliseconds(0));
  bool wanted = true;
  std::vector<std::string> hints = TRY(query::run_shard(
      share.scan.shard_text, options,
      [&](const std::vector<spl2::SourceName>& /*names*/, const query::ScanRequest& request,
          query::Execution& execution) {
        return open(running, request, execution, scan::KeepOrder::kNo);
      },
      [&](const std::string& groups) {
        wanted = out.send(encode_frame(FrameKind::kGroups, groups));
        return wanted;
      }));
  if (!wanted) return Error{ErrorCode::kCancelled, "nobody wants the groups"};
  ShareReport report = report_of(running.counters);
  report.hints = std::move(hints);
  (void)out.send(encode_frame(FrameKind::kEnd, encode(report)));
  return {};
}

}  // namespace lynxdb::gather
