// The storage engine as the place where the server puts events.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "instance/index_limit.h"
#include "scan/store_source.h"
#include "server/ingest/event_sink.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Takes the parts of a request, in their order, each of one partition; calls `done` once for each.
using AppendParts =
    std::function<void(std::vector<storage::AppendRequest> parts,
                       std::function<void(std::size_t part, Result<storage::Appended>)> done)>;

// Into the store itself. A request without a batch id is never seen again.
AppendParts append_to(storage::Store& store);

// Thread-safe. The store outlives it.
class StoreSink final : public server::EventSink {
 public:
  // `makes_batch_ids`: requests without one get one, for what is behind `append` may try again.
  StoreSink(storage::Store& store, AppendParts append, bool makes_batch_ids = false)
      : store_(store),
        append_(std::move(append)),
        makes_batch_ids_(makes_batch_ids),
        indexes_([&store] { return scan::known_indexes(store.read_view()); }, base::real_clock()) {}

  void append(server::IngestBatch batch, server::IngestDone done) override;
  std::chrono::seconds retry_after() const override { return store_.retry_after(); }

 private:
  storage::Store& store_;
  const AppendParts append_;
  const bool makes_batch_ids_;
  IndexLimit indexes_;
};

}  // namespace lynxdb::instance
