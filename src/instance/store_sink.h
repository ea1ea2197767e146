// The storage engine as the place where the server puts events.
#pragma once

#include "server/ingest/event_sink.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. The store outlives it.
class StoreSink final : public server::EventSink {
 public:
  explicit StoreSink(storage::Store& store) : store_(store) {}

  void append(server::IngestBatch batch, server::IngestDone done) override;
  std::chrono::seconds retry_after() const override { return store_.retry_after(); }

 private:
  storage::Store& store_;
};

}  // namespace lynxdb::instance
