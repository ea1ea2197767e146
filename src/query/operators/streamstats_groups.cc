#include "query/operators/streamstats_groups.h"

#include "query/aggregates/byte_codec.h"

namespace lynxdb::query {

StreamGroups::StreamGroups(const AggregationSpec& spec, std::uint64_t window, std::size_t bytes_max)
    : spec_(spec), window_(window), bytes_max_(bytes_max), table_(spec.keys.size()) {
  if (window_ > 0) last_rows_.resize(spec.calls.size());
  if (window_ == 0)
    for (const AggregationSpec::Call& call : spec.calls)
      all_rows_.push_back(make_states(call.aggregate));
  assign({}, {});
}

void StreamGroups::assign(std::span<const event::ColumnPtr> keys, std::span<std::uint32_t> groups) {
  if (!keys.empty() || !groups.empty()) table_.assign(keys, 0, groups);
  for (const auto& states : all_rows_) states->resize(table_.size());
  for (std::size_t i = 0; i < last_rows_.size(); ++i)
    while (last_rows_[i].size() < table_.size())
      last_rows_[i].emplace_back(spec_.calls[i].aggregate);
}

bool StreamGroups::add(std::size_t call, std::uint32_t group, const event::Column* argument,
                       const RowOrigin& origin) {
  if (window_ == 0) {
    all_rows_[call]->update(std::span(&group, 1), argument, origin);
    return true;
  }
  SlidingAggregate& rows = last_rows_[call][group];
  const std::size_t before = rows.memory_bytes();
  rows.push(argument, origin);
  if (rows.rows() > window_ && !rows.pop(bytes_max_)) return false;
  window_bytes_ += rows.memory_bytes() - before;
  return true;
}

event::Value StreamGroups::current(std::size_t call, std::uint32_t group) const {
  return window_ == 0 ? all_rows_[call]->current(group) : last_rows_[call][group].current();
}

std::size_t StreamGroups::memory_bytes() const {
  std::size_t bytes = table_.memory_bytes() + window_bytes_;
  for (const auto& states : all_rows_) bytes += states->memory_bytes();
  for (const auto& groups : last_rows_) bytes += groups.size() * (sizeof(SlidingAggregate) + 128);
  return bytes;
}

void StreamGroups::encode(std::uint32_t group, std::string& out) const {
  table_.encode_key(group, out);
  for (const auto& states : all_rows_) states->encode(group, out);
  for (const auto& groups : last_rows_) groups[group].encode(out);
}

Result<> StreamGroups::decode(std::string_view entries) {
  while (!entries.empty()) {
    const std::size_t known = table_.size();
    if (TRY(table_.decode_key(entries)) != known) return corrupt_state();
    for (const auto& states : all_rows_) TRY(states->decode_append(entries));
    for (std::size_t i = 0; i < last_rows_.size(); ++i) {
      last_rows_[i].emplace_back(spec_.calls[i].aggregate);
      TRY(last_rows_[i].back().decode(entries));
      window_bytes_ += last_rows_[i].back().memory_bytes();
    }
  }
  return {};
}

}  // namespace lynxdb::query
