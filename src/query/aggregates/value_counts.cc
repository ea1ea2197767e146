#include "query/aggregates/value_counts.h"

#include <algorithm>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {

using event::Column;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

void ValueCountStates::add(std::size_t group, std::uint32_t code, Type type, std::uint64_t count) {
  const auto [place, added] = seen_.try_emplace(pair(group, code), Seen{count, type});
  if (!added) {
    place->second.count += count;
    place->second.type = std::min(place->second.type, type);
    return;
  }
  std::vector<std::uint32_t>& codes = codes_[group];
  codes_bytes_ -= codes.capacity() * sizeof(std::uint32_t);
  codes.push_back(code);
  codes_bytes_ += codes.capacity() * sizeof(std::uint32_t);
  grown(group);
}

void ValueCountStates::update(std::span<const std::uint32_t> groups, const Column* argument,
                              const RowOrigin& origin) {
  const Kind kind = argument->kind();
  if (kind != Kind::kInt && kind != Kind::kString && kind != Kind::kDictionary &&
      kind != Kind::kTimestamp) {
    visit_values(*argument, origin.first, groups.size(), [&](std::size_t i, ValueView v) {
      add(groups[i], interner_.intern(v), v.type(), 1);
    });
    return;
  }
  const Type type = kind == Kind::kInt         ? Type::kInt
                    : kind == Kind::kTimestamp ? Type::kTimestamp
                                               : Type::kString;
  std::vector<std::uint32_t> row_codes(groups.size());
  interner_.encode(*argument, origin.first, groups.size(), row_codes.data());
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (!argument->null_bitmap().test(origin.first + i)) add(groups[i], row_codes[i], type, 1);
}

void ValueCountStates::merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) {
  const auto& from = static_cast<const ValueCountStates&>(other);
  const std::vector<std::uint32_t> code_map = interner_.merge(from.interner_);
  if (interrupted()) return;  // The codes mean nothing then.
  for (std::size_t g = 0; g < from.codes_.size(); ++g) {
    for (const std::uint32_t code : from.codes_[g]) {
      if (interrupted()) return;
      const Seen& seen = from.seen(g, code);
      add(mapping[g], code_map[code], seen.type, seen.count);
    }
  }
}

Value ValueCountStates::value(std::size_t group, std::uint32_t code) const {
  std::string scratch;
  return interner_.value(code, seen(group, code).type, scratch).to_value();
}

std::vector<ValueCountStates::Item> ValueCountStates::items(std::size_t group) const {
  std::vector<Item> items;
  items.reserve(codes_[group].size());
  for (const std::uint32_t code : codes_[group]) items.push_back({value(group, code), code});
  return items;
}

bool ValueCountStates::before(const Item& a, const Item& b) const {
  const int order = sort_compare(a.value, b.value);
  return order != 0 ? order < 0
                    : a.code != b.code && interner_.text(a.code) < interner_.text(b.code);
}

std::vector<std::uint32_t> ValueCountStates::sorted_codes(std::size_t group) const {
  std::vector<Item> items = this->items(group);
  std::sort(items.begin(), items.end(),
            [this](const Item& a, const Item& b) { return before(a, b); });
  std::vector<std::uint32_t> codes;
  codes.reserve(items.size());
  for (const Item& item : items) codes.push_back(item.code);
  return codes;
}

std::vector<std::uint32_t> ValueCountStates::smallest_codes(std::size_t group,
                                                            std::size_t count) const {
  std::vector<Item> items = this->items(group);
  std::nth_element(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count), items.end(),
                   [this](const Item& a, const Item& b) { return before(a, b); });
  std::vector<std::uint32_t> codes;
  codes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) codes.push_back(items[i].code);
  return codes;
}

void ValueCountStates::keep_only(std::size_t group, std::vector<std::uint32_t> codes) {
  std::vector<std::uint32_t> sorted = codes;
  std::sort(sorted.begin(), sorted.end());
  for (const std::uint32_t code : codes_[group])
    if (!std::binary_search(sorted.begin(), sorted.end(), code)) seen_.erase(pair(group, code));
  codes_bytes_ -= codes_[group].capacity() * sizeof(std::uint32_t);
  codes_[group] = std::move(codes);
  codes_bytes_ += codes_[group].capacity() * sizeof(std::uint32_t);
}

void ValueCountStates::encode(std::size_t group, std::string& out) const {
  put_varint(codes_[group].size(), out);
  std::string scratch;
  for (const std::uint32_t code : codes_[group]) {
    const Seen& of_group = seen(group, code);
    put_varint(of_group.count, out);
    put_scalar(interner_.value(code, of_group.type, scratch), out);
  }
}

Result<> ValueCountStates::decode_append(std::string_view& bytes) {
  codes_.emplace_back();
  const std::size_t group = codes_.size() - 1;
  for (std::uint64_t left = TRY(get_varint(bytes)); left > 0; --left) {
    const std::uint64_t count = TRY(get_varint(bytes));
    const ValueView value = TRY(get_scalar(bytes));
    if (value.is_null()) return corrupt_state();
    add(group, interner_.intern(value), value.type(), count);
  }
  return {};
}

std::size_t ValueCountStates::memory_bytes() const {
  return interner_.memory_bytes() +
         seen_.bucket_count() * (sizeof(std::pair<std::uint64_t, Seen>) + 1) +
         codes_.capacity() * sizeof(decltype(codes_)::value_type) + codes_bytes_;
}

}  // namespace lynxdb::query
