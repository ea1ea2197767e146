// The storage engine as the place where the server puts events.
#pragma once

#include "instance/index_limit.h"
#include "scan/store_source.h"
#include "server/ingest/event_sink.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. The store outlives it.
class StoreSink final : public server::EventSink {
 public:
  explicit StoreSink(storage::Store& store)
      : store_(store),
        indexes_([&store] { return scan::known_indexes(store.read_view()); }, base::real_clock()) {}

  void append(server::IngestBatch batch, server::IngestDone done) override;
  std::chrono::seconds retry_after() const override { return store_.retry_after(); }

 private:
  storage::Store& store_;
  IndexLimit indexes_;
};

}  // namespace lynxdb::instance
