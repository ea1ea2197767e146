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

// Makes the ids that clients gave, which are their own within an `_index`, unique in the store.
// Behind give_ids: `_id` is what the client says.
void scope_ids(const std::vector<BulkItem>& items, const std::vector<std::size_t>& rows,
               std::string_view index, IngestBatch& events);

// After the append: ids and duplicates. `ids`: of the rows as they were stored.
void apply_stored(const std::vector<BulkItem>& items, const std::vector<std::size_t>& rows,
                  const event::Column& ids, const Ingested& stored,
                  std::vector<BulkOutcome>& outcomes);

// Why a request fails as a whole.
struct EsFailure {
  int status = 400;
  std::string_view type = "illegal_argument_exception";
  std::string reason;
};

// After an append that failed: what has no error of its own has this one.
void apply_failure(const EsFailure& failure, std::vector<BulkOutcome>& outcomes);

// The answer of _bulk. With a `failure` it is that of a request that failed, and an answer for each
// item, too: some clients read the items only, whatever the status is.
std::string bulk_json(const std::vector<BulkItem>& items, const std::vector<BulkOutcome>& outcomes,
                      std::int64_t took_ms, const EsFailure* failure = nullptr);
// {"error": {"type", "reason", ...}, "status"}
std::string es_error_json(const EsFailure& failure);

}  // namespace lynxdb::server
