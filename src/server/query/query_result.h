// The rows of a query as answers print them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "output/byte_sink.h"
#include "query/engine.h"
#include "server/query/query_request.h"

namespace lynxdb::server {

// Collects output in memory, up to a limit.
class StringSink final : public output::ByteSink {
 public:
  explicit StringSink(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  // kOutOfBudget beyond the limit.
  Result<> write(std::string_view bytes) override;
  Result<> commit() override { return {}; }
  std::string& text() { return text_; }

 private:
  const std::size_t bytes_max_;
  std::string text_;
};

// No answer is larger than this; longer ones are cut at a row and say so.
inline constexpr std::size_t kAnswerBytesMax = 64U << 20U;

// The rows of one page.
struct RowPage {
  std::vector<event::EventBatch> batches;
  std::uint64_t rows = 0;
  std::optional<std::uint64_t> total;  // Known when the query ran to its end.
  bool has_more = false;
  std::vector<std::string> columns;  // Of a table: of all its rows, not only of the page's.
  std::vector<std::string> hints;    // What the page itself has to say.
};

// Pulls rows [offset, offset + limit). Events are not read beyond what the page needs; results of
// other types are counted to their end, which costs nothing more.
Result<RowPage> read_page(query::RunningQuery& running, std::uint64_t offset, std::uint64_t limit);

// {"type": "events", "events": [...], "total": 2, "has_more": false}, or the table of an aggregate.
// `interval`: of a timechart, or empty.
Result<std::string> page_json(const RowPage& page, const query::RunningQuery& running,
                              std::string_view interval);

// The rows alone, as the command line prints them.
Result<std::string> page_text(const RowPage& page, const query::RunningQuery& running,
                              ResultFormat format, const QueryLimits& limits);
std::string_view content_type_of(ResultFormat format);

// The interval of the timechart that gives the rows their shape; empty when there is none.
std::string timechart_interval(const spl2::Query& query, const RowPage& page);

}  // namespace lynxdb::server
