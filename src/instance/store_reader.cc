#include "instance/store_reader.h"

#include <utility>

#include "instance/scan_stats.h"
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

  server::ScanStats stats() const override { return scan_stats(counters_); }

  std::vector<std::string> indexes() const override { return scan::known_indexes(view_); }

 private:
  const storage::ReadView view_;
  scan::SegmentOpener& segments_;
  scan::ScanCounters counters_;
};

}  // namespace

Result<std::shared_ptr<server::QueryView>> StoreReader::view() {
  return std::shared_ptr<server::QueryView>(
      std::make_shared<StoreView>(TRY(take_view_()), segments_));
}

}  // namespace lynxdb::instance
