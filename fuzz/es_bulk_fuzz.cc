// Any bytes as the body of _bulk: every item gets exactly one outcome, and there are as many rows
// as items without an error.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "server/es/bulk_ingest.h"
#include "server/es/bulk_request.h"
#include "server/http/json_object.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lynxdb::server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)read_json_object(text, RepeatedMember::kRefused);
  const auto items = read_bulk(text, "default");
  if (!items.has_value()) return 0;
  std::vector<BulkOutcome> outcomes;
  lynxdb::event::ParserOptions options;
  options.line_bytes_max = 4096;
  options.cut_long_lines = false;
  const BulkBatch batch = parse_bulk(*items, options, outcomes);
  LYNXDB_CHECK(outcomes.size() == items->size());
  const auto stored = std::ranges::count_if(
      outcomes, [](const BulkOutcome& outcome) { return outcome.error_type.empty(); });
  LYNXDB_CHECK(static_cast<std::size_t>(stored) == batch.items.size());
  LYNXDB_CHECK(batch.events.batch.rows() == batch.items.size());
  LYNXDB_CHECK(std::ranges::is_sorted(batch.items));
  const auto answer = read_json_object(bulk_json(*items, outcomes, 1), RepeatedMember::kRefused);
  LYNXDB_CHECK(answer.has_value());
  return 0;
}
