// Where the server puts events: the storage engine, or a list in memory for tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::server {

// The events of one request. Stored as a whole or not at all.
struct IngestBatch {
  // Every row has `_time`, `_raw`, `_index` and `_id`; strings may be borrowed from the request's
  // body, which the columns keep alive.
  event::EventBatch batch;
  // The client's key that makes a retry safe; "" = none.
  std::string batch_id;
  // crc32c of what the client sent. `batch` holds times and ids made on receipt: it differs between
  // a request and its retry.
  std::uint32_t content_crc = 0;
  // Ids that the client gave to single events: empty, or one for each row ("" = none). A row whose
  // id is stored already is left out.
  std::vector<std::string> event_ids;
};

struct Ingested {
  bool is_retry = false;                      // Of a batch that was stored before.
  std::vector<std::uint32_t> duplicate_rows;  // Left out because of their event id; ascending.
};

// Called once, on any thread, within append() or later. Must be quick.
using IngestDone = std::function<void(Result<Ingested>)>;

// Thread-safe.
class EventSink {
 public:
  virtual ~EventSink() = default;

  // `done` gets a value when the events are durable and every later query sees them. Errors:
  //   kConflict     the batch id was used for other content
  //   kOutOfBudget  an index too many
  //   kOverloaded   too much is waiting, or the disk is filling: retry after retry_after()
  //   kUnavailable  nothing can be stored now. If the append had begun, the outcome is unknown
  virtual void append(IngestBatch batch, IngestDone done) = 0;
  virtual std::chrono::seconds retry_after() const { return std::chrono::seconds(1); }
};

}  // namespace lynxdb::server
