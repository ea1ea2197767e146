// The rows that `transaction` gives, one per group of events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/event_batch.h"
#include "query/operators/distinct_values.h"

namespace lynxdb::query {

// Events of one transaction in time order: rows [begin, end) of each batch.
struct EventRange {
  std::shared_ptr<const event::EventBatch> batch;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct TransactionSummary {
  std::optional<std::int64_t> first_ns;  // Null when the events have no `_time`.
  std::optional<std::int64_t> last_ns;
  std::uint64_t events = 0;
  bool closed = true;
};

// Belongs to one thread.
class TransactionRows {
 public:
  explicit TransactionRows(const std::vector<std::string>& key_fields);

  void add(const std::vector<EventRange>& events, const TransactionSummary& summary);
  std::size_t rows() const { return rows_; }
  std::size_t memory_bytes() const;
  // All rows added since the last take. They carry kOrdinalField of their first event.
  event::EventBatch take();

  // _time, what transaction computes, the keys, _raw, then the other fields by name.
  event::EventBatch in_print_order(const event::EventBatch& batch) const;

 private:
  event::ColumnBuilder& column(const std::string& name);
  void add_field(const std::string& name, const std::vector<EventRange>& events);
  void add_raw(const std::vector<EventRange>& events);
  bool is_computed(const std::string& name) const;

  std::vector<std::string> key_fields_;
  std::vector<std::string> leading_;  // Columns in front, in order.
  std::map<std::string, event::ColumnBuilder> columns_;
  std::size_t rows_ = 0;
  DistinctValues distinct_;
};

}  // namespace lynxdb::query
