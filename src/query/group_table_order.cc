// The order in which groups are printed.
#include <algorithm>
#include <bit>
#include <deque>
#include <numeric>
#include <utility>

#include "query/group_table.h"
#include "query/interrupted.h"
#include "query/interruptible_sort.h"

namespace lynxdb::query {

using event::Type;
using event::ValueView;

namespace {

constexpr std::uint32_t kNoRank = 0xffffffffU;

// A key value made ready for many comparisons: texts that are numbers are parsed once.
struct Sortable {
  ValueView value;           // Numbers for numeric text.
  std::uint64_t prefix = 0;  // Of other text: its first bytes, big-endian.
  std::uint32_t owner = 0;   // Index of what is sorted.
  bool text = false;
};

std::uint64_t prefix_of(std::string_view text) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = (prefix << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return prefix;
}

Sortable sortable(ValueView value, std::uint32_t owner) {
  Sortable made{value, 0, owner, false};
  if (value.type() != Type::kString) return made;
  if (const auto number = event::parse_number(value.as_string()); number && !number->is_null()) {
    made.value = *number;
  } else {
    made.prefix = prefix_of(value.as_string());
    made.text = true;
  }
  return made;
}

// As event::sort_compare.
int compare(const Sortable& a, const Sortable& b) {
  if (a.text && b.text) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix ? -1 : 1;
    return a.value.as_string().compare(b.value.as_string());
  }
  if (a.text != b.text) return a.text ? 1 : -1;
  return sort_compare(a.value, b.value);
}

}  // namespace

// The place of each group's value among those of the groups named, equal for values that sort as
// equal; by group.
std::vector<std::uint32_t> GroupTable::ranks(std::size_t key, bool by_text,
                                             std::span<const std::uint32_t> groups) const {
  // Values are per code while one type was seen; else the same text may stand in two places.
  const bool per_code = by_text || std::popcount(keys_[key].types_seen &
                                                 ~(1U << static_cast<unsigned>(Type::kNull))) < 2;
  Type type = Type::kString;
  for (unsigned t = 0; !by_text && t < 32; ++t)
    if (t != static_cast<unsigned>(Type::kNull) && ((keys_[key].types_seen >> t) & 1U) != 0)
      type = static_cast<Type>(t);

  // What is sorted: codes, or the groups themselves.
  std::vector<std::uint32_t> rank_of(per_code ? keys_[key].interner.size() : size_, kNoRank);
  std::deque<std::string> kept;  // Texts of whole numbers that are strings.
  std::vector<Sortable> order;
  order.reserve(std::min(groups.size(), rank_of.size()));
  std::string scratch;
  for (const std::uint32_t group : groups) {
    if (interrupted()) break;
    const std::uint32_t owner = per_code ? code(key, group) : group;
    if (std::exchange(rank_of[owner], 0) != kNoRank) continue;
    ValueView v =
        per_code ? keys_[key].interner.value(owner, type, scratch) : value(key, group, scratch);
    if (v.type() == Type::kString && v.as_string().data() == scratch.data())
      v = ValueView::string(kept.emplace_back(scratch));
    order.push_back(sortable(v, owner));
  }
  (void)interruptible_sort(order.begin(), order.end(), current_cancellation(),
                           [](const Sortable& a, const Sortable& b) { return compare(a, b) < 0; });

  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && compare(order[i - 1], order[i]) != 0) ++rank;
    rank_of[order[i].owner] = rank;
  }
  if (!per_code || keys_.size() == 1) return rank_of;
  std::vector<std::uint32_t> result(size_);
  for (const std::uint32_t group : groups) result[group] = rank_of[code(key, group)];
  return result;
}

std::vector<std::uint32_t> GroupTable::sorted(std::size_t keys_by_text) const {
  std::vector<std::uint32_t> groups(size_);
  std::iota(groups.begin(), groups.end(), 0U);
  return sorted(std::move(groups), keys_by_text);
}

std::vector<std::uint32_t> GroupTable::sorted(std::vector<std::uint32_t> groups,
                                              std::size_t keys_by_text) const {
  std::vector<std::vector<std::uint32_t>> rank;
  for (std::size_t k = 0; k < keys_.size(); ++k) rank.push_back(ranks(k, k < keys_by_text, groups));
  const auto less = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      if (rank[k][a] != rank[k][b]) return rank[k][a] < rank[k][b];
      // Of equal value, but not of equal text: rows of one text must stay together.
      if (code(k, a) != code(k, b)) return text(k, a) < text(k, b);
    }
    return false;
  };
  (void)interruptible_sort(groups.begin(), groups.end(), current_cancellation(), less);
  return groups;
}

}  // namespace lynxdb::query
