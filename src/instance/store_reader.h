// The storage engine as the place where the server reads events.
#pragma once

#include <functional>
#include <utility>

#include "scan/segment_opener.h"
#include "server/query/event_reader.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Everything acknowledged before it is called. Errors: kUnavailable.
using TakeView = std::function<Result<storage::ReadView>()>;

// Thread-safe. The segments outlive it and the views it gave.
class StoreReader final : public server::EventReader {
 public:
  StoreReader(TakeView take_view, scan::SegmentOpener& segments)
      : take_view_(std::move(take_view)), segments_(segments) {}

  Result<std::shared_ptr<server::QueryView>> view() override;

 private:
  const TakeView take_view_;
  scan::SegmentOpener& segments_;
};

}  // namespace lynxdb::instance
