// The storage engine as the place where the server reads events.
#pragma once

#include "scan/segment_opener.h"
#include "server/query/event_reader.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. Both outlive it and the views it gave.
class StoreReader final : public server::EventReader {
 public:
  StoreReader(storage::Store& store, scan::SegmentOpener& segments)
      : store_(store), segments_(segments) {}

  Result<std::shared_ptr<server::QueryView>> view() override;

 private:
  storage::Store& store_;
  scan::SegmentOpener& segments_;
};

}  // namespace lynxdb::instance
