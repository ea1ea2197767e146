// Parts of queries between nodes: requests, frames and groups from any bytes. What was read writes
// and reads the same again.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "gather/share_codec.h"
#include "query/aggregation.h"
#include "query/spill.h"
#include "spl2/parser.h"

namespace {

using namespace lynxdb;

std::shared_ptr<const query::AggregationSpec> spec_of(const char* text) {
  auto parsed = spl2::parse(text);
  const auto& query = std::get<spl2::Query>(parsed);
  const auto& stats = std::get<spl2::StatsCommand>(query.main->commands.front().node);
  return (*query::make_stage(stats, {}))->spec();
}

void read_groups(const std::shared_ptr<const query::AggregationSpec>& spec,
                 std::string_view bytes) {
  query::SpillSpace spill("/tmp", 0);
  query::Execution execution(std::size_t{64} << 20U, spill);
  query::PartialAggregation part(spec, execution);
  (void)part.merge_encoded(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keyed = spec_of(
      "| stats count, count(a), sum(a), avg(a), min(a), max(a), range(a), dc(a), perc95(a), "
      "stdev(a) by b, c");
  static const auto whole = spec_of("| stats count, dc(a), perc50(a), var(a)");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_groups(keyed, bytes);
  read_groups(whole, bytes);
  (void)gather::decode_share_report(bytes);
  // Checksums are no obstacle for who means harm.
  std::string sealed(bytes);
  base::put_fixed(base::crc32c(sealed), sealed);
  (void)gather::decode_frame(sealed);
  if (const auto request = gather::decode_share_request(sealed)) {
    const std::string again = gather::encode(*request);
    const auto reread = gather::decode_share_request(again);
    LYNXDB_CHECK(reread.has_value() && gather::encode(*reread) == again);
  }
  return 0;
}
