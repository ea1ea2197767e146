#include "instance/store_reader.h"

#include <utility>

#include "scan/store_source.h"

namespace lynxdb::instance {
namespace {

class StoreView final : public server::QueryView {
 public:
  StoreView(storage::ReadView view, scan::SegmentOpener& segments)
      : view_(std::move(view)), segments_(segments) {}

  Result<query::SourcePtr> open(const std::vector<spl2::SourceName>& names,
                                const query::ScanRequest& request,
                                query::Execution& execution) override {
    return scan::open_store_source(view_, segments_, names, request, execution, counters_);
  }

  server::ScanStats stats() const override {
    const auto skipped = [&](scan::Skip why) {
      return counters_.segments_skipped[static_cast<std::size_t>(why)].load();
    };
    server::ScanStats stats{.segments_total = counters_.segments_total.load(),
                            .skipped_by_time = skipped(scan::Skip::kTime),
                            .skipped_by_index = skipped(scan::Skip::kIndex),
                            .skipped_by_tokens = skipped(scan::Skip::kText),
                            .skipped_by_stats = skipped(scan::Skip::kStats),
                            .rows_read = counters_.rows_read.load(),
                            .bytes_read = counters_.bytes_read.load()};
    stats.segments_scanned = stats.segments_total - stats.skipped_by_time - stats.skipped_by_index -
                             stats.skipped_by_tokens - stats.skipped_by_stats;
    return stats;
  }

  std::vector<std::string> indexes() const override { return scan::known_indexes(view_); }

 private:
  const storage::ReadView view_;
  scan::SegmentOpener& segments_;
  scan::ScanCounters counters_;
};

}  // namespace

Result<std::shared_ptr<server::QueryView>> StoreReader::view() {
  return std::shared_ptr<server::QueryView>(
      std::make_shared<StoreView>(store_.read_view(), segments_));
}

}  // namespace lynxdb::instance
