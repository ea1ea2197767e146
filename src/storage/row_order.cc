#include "storage/row_order.h"

#include <algorithm>
#include <unordered_map>

namespace lynxdb::storage {
namespace {

// Rows of one batch among those that are gathered.
struct Share {
  std::vector<std::uint32_t> rows;
  std::uint32_t begin = 0;  // Where they are once all shares stand one after the other.
};

}  // namespace

void sort_newest_first(std::span<const TailBatchPtr> batches, std::vector<RowRef>& rows) {
  std::sort(rows.begin(), rows.end(), [&](const RowRef& a, const RowRef& b) {
    if (a.time_ns != b.time_ns) return a.time_ns > b.time_ns;
    const Offset offset_a = batches[a.batch]->base_offset + a.row;
    const Offset offset_b = batches[b.batch]->base_offset + b.row;
    if (offset_a != offset_b) return offset_a > offset_b;
    return batches[a.batch]->partition < batches[b.batch]->partition;
  });
}

event::EventBatch gather(std::span<const event::EventBatch* const> batches,
                         std::span<const RowRef> rows) {
  std::unordered_map<std::uint32_t, std::size_t> share_of;
  std::vector<Share> shares;
  std::vector<std::uint32_t> batch_of_share;
  std::vector<std::uint32_t> order;  // Share first; then the place within all of them.
  std::vector<std::uint32_t> place;
  for (const RowRef& row : rows) {
    const auto [known, is_new] = share_of.try_emplace(row.batch, shares.size());
    if (is_new) {
      shares.emplace_back();
      batch_of_share.push_back(row.batch);
    }
    order.push_back(static_cast<std::uint32_t>(known->second));
    place.push_back(static_cast<std::uint32_t>(shares[known->second].rows.size()));
    shares[known->second].rows.push_back(row.row);
  }
  std::vector<event::EventBatch> parts;
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i].begin = begin;
    begin += static_cast<std::uint32_t>(shares[i].rows.size());
    parts.push_back(batches[batch_of_share[i]]->take(shares[i].rows));
  }
  if (parts.size() == 1) return std::move(parts.front());
  for (std::size_t i = 0; i < rows.size(); ++i) place[i] += shares[order[i]].begin;
  return event::concat(parts).take(place);
}

}  // namespace lynxdb::storage
