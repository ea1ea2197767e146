// Documents of Elasticsearch clients to events, with an outcome for each.
#pragma once

#include <string>
#include <vector>

#include "event/parse/event_parser.h"
#include "server/es/bulk_request.h"
#include "server/ingest/event_sink.h"

namespace lynxdb::server {

// What became of one item.
struct BulkOutcome {
  int status = 201;
  std::string id;
  std::string error_type;  // Empty: stored (or found stored before).
  std::string reason;
};

struct BulkBatch {
  IngestBatch events;              // Without `_id`s; event_ids has those that clients gave.
  std::vector<std::size_t> items;  // The item of each row.
};

// Parses the documents of items that can be stored. `outcomes` gets one entry for each item, with
// the errors so far. `options`: limits and labels of the request; its format and source are not
// used: documents are JSON, and an item's `_index` is its `_source`.
BulkBatch parse_bulk(const std::vector<BulkItem>& items, event::ParserOptions options,
                     std::vector<BulkOutcome>& outcomes);

// After the append: ids and duplicates. `ids`: of the rows as they were stored.
void apply_stored(const std::vector<BulkItem>& items, const std::vector<std::size_t>& rows,
                  const event::Column& ids, const Ingested& stored,
                  std::vector<BulkOutcome>& outcomes);

// The answer of _bulk.
std::string bulk_json(const std::vector<BulkItem>& items, const std::vector<BulkOutcome>& outcomes,
                      std::int64_t took_ms);
// {"error": {"type", "reason", ...}, "status"}: of requests that fail as a whole.
std::string es_error_json(int status, std::string_view type, std::string_view reason);

}  // namespace lynxdb::server
