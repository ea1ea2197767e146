// Which values each group has, and how often: what values() and mode() are made of.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "query/aggregate.h"
#include "query/group_table_interner.h"

namespace lynxdb::query {

// Values are the same when their text forms are; each keeps the lowest type it had in its group.
class ValueCountStates : public AggregateStates {
 public:
  void resize(std::size_t groups) override { codes_.resize(groups); }
  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override;
  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override;
  void encode(std::size_t group, std::string& out) const override;
  Result<> decode_append(std::string_view& bytes) override;
  std::size_t groups() const override { return codes_.size(); }
  std::size_t memory_bytes() const override;

 protected:
  struct Seen {
    std::uint64_t count = 0;
    event::Type type = event::Type::kString;
  };

  // Called when a group has a new value.
  virtual void grown(std::size_t group) { (void)group; }

  const std::vector<std::uint32_t>& codes(std::size_t group) const { return codes_[group]; }
  const Seen& seen(std::size_t group, std::uint32_t code) const {
    return seen_.find(pair(group, code))->second;
  }
  event::Value value(std::size_t group, std::uint32_t code) const;
  // The codes of a group in sort order; texts decide between values that sort as equal.
  std::vector<std::uint32_t> sorted_codes(std::size_t group) const;
  // The first `count` of these, in no order. The group must have more.
  std::vector<std::uint32_t> smallest_codes(std::size_t group, std::size_t count) const;
  // Forgets all values of a group but these.
  void keep_only(std::size_t group, std::vector<std::uint32_t> codes);

 private:
  static std::uint64_t pair(std::size_t group, std::uint32_t code) {
    return (static_cast<std::uint64_t>(group) << 32U) | code;
  }
  void add(std::size_t group, std::uint32_t code, event::Type type, std::uint64_t count);
  // A value with its place in the order of values.
  struct Item {
    event::Value value;
    std::uint32_t code = 0;
  };
  std::vector<Item> items(std::size_t group) const;
  bool before(const Item& a, const Item& b) const;

  KeyInterner interner_;
  boost::unordered_flat_map<std::uint64_t, Seen, MixedWordHash> seen_;
  std::vector<std::vector<std::uint32_t>> codes_;  // Per group, each once, in no order.
  std::size_t codes_bytes_ = 0;
};

}  // namespace lynxdb::query
