// dc: how many distinct text forms; exact up to 10,000 per group, then HyperLogLog.
//
// Values are kept as 64-bit hashes: ints collide never, other texts once in 10^11 groups of 10,000.
#include "base/hash.h"
#include "query/aggregates/byte_codec.h"
#include "query/aggregates/canonical.h"
#include "query/aggregates/hyperloglog.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

std::uint64_t hash_of(std::int64_t v) {
  // mix64(0) is 0; an offset keeps small ints, the likeliest of all, well spread.
  return base::mix64(static_cast<std::uint64_t>(v) + 0x9e3779b97f4a7c15ULL);
}

std::uint64_t hash_of(std::string_view text) {
  if (const auto number = canonical_int(text)) return hash_of(*number);
  return base::xxh3(text);
}

std::uint64_t hash_of(double v) {
  if (const auto number = canonical_int(v)) return hash_of(*number);
  std::string text;
  event::append_float(v, text);
  return hash_of(std::string_view(text));
}

std::uint64_t hash_of(ValueView value) {
  switch (value.type()) {
    case Type::kInt:
      return hash_of(value.as_int());
    case Type::kFloat:
      return hash_of(value.as_float());
    case Type::kString:
      return hash_of(value.as_string());
    default:
      return hash_of(std::string_view(event::text(value)));
  }
}

// The distinct hashes of one group: an open-addressed set, then registers.
class DistinctHashes {
 public:
  void add(std::uint64_t hash) {
    if (sketch_) return sketch_->add(hash);
    if (hash == 0) hash = 1;  // 0 marks a free slot.
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    while (slots_[slot] != 0) {
      if (slots_[slot] == hash) return;
      slot = (slot + 1) & mask;
    }
    slots_[slot] = hash;
    if (++size_ > kGroupValuesMax) become_sketch();
  }

  void merge(const DistinctHashes& other) {
    if (other.sketch_) {
      if (!sketch_) become_sketch();
      sketch_->merge(*other.sketch_);
      return;
    }
    for (const std::uint64_t hash : other.slots_)
      if (hash != 0) add(hash);
  }

  std::int64_t count() const {
    return static_cast<std::int64_t>(sketch_ ? sketch_->estimate() : size_);
  }

  void encode(std::string& out) const {
    put_varint(sketch_ ? 0 : size_ + 1, out);
    if (sketch_) return sketch_->encode(out);
    for (const std::uint64_t hash : slots_)
      if (hash != 0) put_fixed(hash, out);
  }

  Result<> decode(std::string_view& bytes) {
    const std::uint64_t size = TRY(get_varint(bytes));
    if (size == 0) {
      become_sketch();
      return sketch_->decode(bytes);
    }
    if (size - 1 > kGroupValuesMax) return corrupt_state();
    for (std::uint64_t i = 1; i < size; ++i) add(TRY(get_fixed(bytes)));
    return {};
  }

  std::size_t heap_bytes() const {
    return slots_.capacity() * sizeof(std::uint64_t) + (sketch_ ? sketch_->memory_bytes() : 0);
  }

 private:
  void grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? 4 : slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const std::uint64_t hash : old) {
      if (hash == 0) continue;
      std::size_t slot = hash & mask;
      while (slots_[slot] != 0) slot = (slot + 1) & mask;
      slots_[slot] = hash;
    }
  }

  void become_sketch() {
    sketch_ = std::make_unique<HyperLogLog>();
    for (const std::uint64_t hash : slots_)
      if (hash != 0) sketch_->add(hash);
    slots_ = {};
    size_ = 0;
  }

  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
  std::unique_ptr<HyperLogLog> sketch_;
};

class DistinctStates final : public AggregateStates {
 public:
  void resize(std::size_t groups) override {
    if (groups < sets_.size()) added_.clear();
    sets_.resize(groups);
  }

  void update(std::span<const std::uint32_t> groups, const Column* argument,
              const RowOrigin& origin) override {
    const std::size_t rows = groups.size();
    if (argument->kind() == Kind::kInt) {
      visit_internal::non_null(*argument, argument->int_values(), origin.first, rows,
                               [&](std::size_t i, std::int64_t v) { add(groups[i], hash_of(v)); });
    } else if (argument->kind() == Kind::kString) {
      visit_internal::non_null(
          *argument, argument->string_values(), origin.first, rows,
          [&](std::size_t i, std::string_view v) { add(groups[i], hash_of(v)); });
    } else if (argument->kind() == Kind::kDictionary && is_worth_hashes(*argument, rows)) {
      update_by_entry(groups, *argument, origin.first);
    } else {
      visit_values(*argument, origin.first, rows,
                   [&](std::size_t i, ValueView v) { add(groups[i], hash_of(v)); });
    }
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const DistinctStates&>(other);
    for (std::size_t g = 0; g < from.sets_.size() && !interrupted(); ++g) {
      DistinctHashes& set = sets_[mapping[g]];
      const std::size_t before = set.heap_bytes();
      set.merge(from.sets_[g]);
      heap_bytes_ += set.heap_bytes() - before;
    }
  }

  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints&) const override {
    std::vector<std::int64_t> counts;
    counts.reserve(groups.size());
    for (const std::uint32_t group : groups) counts.push_back(sets_[group].count());
    return Column::ints(std::move(counts));
  }
  Value current(std::size_t group) const override { return Value::integer(sets_[group].count()); }

  void encode(std::size_t group, std::string& out) const override { sets_[group].encode(out); }
  Result<> decode_append(std::string_view& bytes) override {
    DistinctHashes set;
    TRY(set.decode(bytes));
    heap_bytes_ += set.heap_bytes();
    sets_.push_back(std::move(set));
    return {};
  }

  std::size_t groups() const override { return sets_.size(); }
  std::size_t memory_bytes() const override {
    return sets_.capacity() * sizeof(DistinctHashes) + heap_bytes_ +
           hashes_.capacity() * sizeof(std::uint64_t) + added_.capacity() / 8;
  }

 private:
  // A dictionary that was seen before, or one that is not far larger than the rows.
  bool is_worth_hashes(const Column& argument, std::size_t rows) const {
    return argument.dictionary() == dictionary_ || argument.dictionary()->size() / 4 <= rows;
  }

  // Each entry is hashed when a row has it for the first time: batches of one source often share
  // their dictionary.
  void update_by_entry(std::span<const std::uint32_t> groups, const Column& argument,
                       std::size_t first) {
    if (argument.dictionary() != dictionary_) {
      dictionary_ = argument.dictionary();
      hashes_.clear();
      added_.clear();
    }
    const std::span<const std::string_view> texts = dictionary_->string_values();
    if (sets_.size() == 1) {
      added_.resize(texts.size());
      visit_internal::non_null(argument, argument.codes(), first, groups.size(),
                               [&](std::size_t, std::uint32_t code) {
                                 if (added_[code]) return;
                                 added_[code] = true;
                                 add(0, hash_of(texts[code]));
                               });
      return;
    }
    hashes_.resize(texts.size());
    visit_internal::non_null(argument, argument.codes(), first, groups.size(),
                             [&](std::size_t i, std::uint32_t code) {
                               std::uint64_t& hash = hashes_[code];
                               if (hash == 0) hash = hash_of(texts[code]);
                               add(groups[i], hash);
                             });
  }

  void add(std::uint32_t group, std::uint64_t hash) {
    DistinctHashes& set = sets_[group];
    const std::size_t before = set.heap_bytes();
    set.add(hash);
    heap_bytes_ += set.heap_bytes() - before;
  }

  std::vector<DistinctHashes> sets_;
  std::size_t heap_bytes_ = 0;  // Of all sets; wraps harmlessly when one shrinks.
  // Of the entries of the dictionary that came last: their hashes (0: not known yet), and whether
  // the first group has them.
  event::ColumnPtr dictionary_;
  std::vector<std::uint64_t> hashes_;
  std::vector<bool> added_;
};

}  // namespace

StatesPtr make_dc_states() { return std::make_unique<DistinctStates>(); }

}  // namespace lynxdb::query
