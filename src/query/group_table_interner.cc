#include "query/group_table_interner.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "query/aggregates/canonical.h"
#include "query/interrupted.h"

namespace lynxdb::query {

using event::Column;
using event::Kind;
using event::Type;
using event::ValueView;

namespace {

// Whole numbers below this are looked up by index: status codes, ports, levels. 256 KiB at most.
constexpr std::uint64_t kSmallMax = 1U << 16U;
// In dictionary_codes_: among the entries that are about to be numbered.
constexpr std::uint32_t kPending = KeyInterner::kNone - 1;

}  // namespace

std::uint32_t KeyInterner::add(Entry entry) {
  entries_.push_back(entry);
  LYNXDB_CHECK(entries_.size() < kPending);
  return size() - 1;
}

std::uint32_t KeyInterner::null_code() {
  if (null_ == kNone) null_ = add({});
  return null_;
}

void KeyInterner::remember_small(std::int64_t v, std::uint32_t code) {
  const auto index = static_cast<std::size_t>(v);
  if (index >= small_.size())
    small_.resize(std::max<std::size_t>(64, std::bit_ceil(index + 1)), kNone);
  small_[index] = code;
}

std::uint32_t KeyInterner::whole_code(std::int64_t v) {
  const auto word = static_cast<std::uint64_t>(v);
  if (word < small_.size() && small_[word] != kNone) return small_[word];
  if (word < kSmallMax) {
    const std::uint32_t code = add({{}, v, true});
    remember_small(v, code);
    return code;
  }
  const auto [place, added] = wholes_.try_emplace(word, size());
  if (added) add({{}, v, true});
  return place->second;
}

std::uint32_t KeyInterner::text_code(std::string_view text, const TextTable::Probe& probe) {
  return table_.find_or_add(probe, [&]() -> TextTable::Added {
    const std::string_view copy = texts_->copy(text);
    return {add({copy, 0, false}), copy};
  });
}

std::uint32_t KeyInterner::string_code(std::string_view text) {
  if (unindexed_) index_texts();
  if (const auto whole = canonical_int(text)) return whole_code(*whole);
  return text_code(text, TextTable::probe(text));
}

std::uint32_t KeyInterner::float_code(double v) {
  if (const auto whole = canonical_int(v)) return whole_code(*whole);
  const auto bits = std::bit_cast<std::uint64_t>(v);
  if (const auto found = floats_.find(bits); found != floats_.end()) return found->second;
  std::string text;
  event::append_float(v, text);
  const std::uint32_t code = string_code(text);
  floats_.emplace(bits, code);
  if (!entries_[code].whole) entries_[code].word = std::bit_cast<std::int64_t>(v);
  return code;
}

std::uint32_t KeyInterner::timestamp_code(std::int64_t ns) {
  const auto bits = static_cast<std::uint64_t>(ns);
  if (const auto found = timestamps_.find(bits); found != timestamps_.end()) return found->second;
  std::string text;
  event::append_timestamp(ns, text);
  const std::uint32_t code = string_code(text);
  timestamps_.emplace(bits, code);
  entries_[code].word = ns;
  return code;
}

std::uint32_t KeyInterner::bool_code(bool v) {
  std::uint32_t& code = bools_[v ? 1 : 0];
  if (code == kNone) code = string_code(v ? "true" : "false");
  return code;
}

std::uint32_t KeyInterner::intern(ValueView scalar) {
  switch (scalar.type()) {
    case Type::kBool:
      return bool_code(scalar.as_bool());
    case Type::kInt:
      return whole_code(scalar.as_int());
    case Type::kFloat:
      return float_code(scalar.as_float());
    case Type::kTimestamp:
      return timestamp_code(scalar.as_int());
    case Type::kString:
      return string_code(scalar.as_string());
    case Type::kNull:
    case Type::kList:
      break;
  }
  return null_code();
}

void KeyInterner::encode_ints(const Column& column, std::size_t first, std::size_t count,
                              std::uint32_t* codes) {
  const std::int64_t* values = column.int_values().data() + first;
  const bool nulls = column.null_bitmap().any();
  for (std::size_t i = 0; i < count; ++i) {
    if (nulls && column.null_bitmap().test(first + i)) {
      codes[i] = null_code();
      continue;
    }
    const auto word = static_cast<std::uint64_t>(values[i]);
    const std::uint32_t code = word < small_.size() ? small_[word] : kNone;
    codes[i] = code != kNone ? code : whole_code(values[i]);
  }
}

// All places of the table first, so that they are on their way from memory before they are read.
void KeyInterner::encode_texts(const std::string_view* texts, std::size_t count,
                               std::uint32_t* codes) {
  if (unindexed_) index_texts();
  std::array<TextTable::Probe, kAtOnce> probes;
  std::array<std::optional<std::int64_t>, kAtOnce> wholes;
  for (std::size_t i = 0; i < count; ++i) {
    wholes[i] = canonical_int(texts[i]);
    if (wholes[i]) continue;
    probes[i] = TextTable::probe(texts[i]);
    table_.prefetch(probes[i]);
  }
  for (std::size_t i = 0; i < count; ++i)
    codes[i] = wholes[i] ? whole_code(*wholes[i]) : text_code(texts[i], probes[i]);
}

void KeyInterner::encode_strings(const Column& column, std::size_t first, std::size_t count,
                                 std::uint32_t* codes) {
  const std::string_view* texts = column.string_values().data() + first;
  const bool nulls = column.null_bitmap().any();
  for (std::size_t begin = 0; begin < count;) {
    if (nulls && column.null_bitmap().test(first + begin)) {
      codes[begin++] = null_code();
      continue;
    }
    std::size_t end = begin + 1;
    while (end < std::min(count, begin + kAtOnce) &&
           !(nulls && column.null_bitmap().test(first + end)))
      ++end;
    encode_texts(texts + begin, end - begin, codes + begin);
    begin = end;
  }
}

void KeyInterner::encode_timestamps(const Column& column, std::size_t first, std::size_t count,
                                    std::uint32_t* codes) {
  // Neighbours are often in one bucket.
  std::int64_t last = 0;
  std::uint32_t last_code = kNone;
  for (std::size_t i = 0; i < count; ++i) {
    if (column.null_bitmap().test(first + i)) {
      codes[i] = null_code();
      continue;
    }
    const std::int64_t ns = column.int_values()[first + i];
    if (last_code == kNone || ns != last) {
      last = ns;
      last_code = timestamp_code(ns);
    }
    codes[i] = last_code;
  }
}

void KeyInterner::intern_new_entries() {
  std::array<std::string_view, kAtOnce> texts;
  std::array<std::uint32_t, kAtOnce> codes;
  for (std::size_t begin = 0; begin < new_entries_.size(); begin += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, new_entries_.size() - begin);
    for (std::size_t i = 0; i < count; ++i)
      texts[i] = dictionary_->string_values()[new_entries_[begin + i]];
    encode_texts(texts.data(), count, codes.data());
    for (std::size_t i = 0; i < count; ++i) dictionary_codes_[new_entries_[begin + i]] = codes[i];
  }
  new_entries_.clear();
}

// The entries that the rows use first, each once, in the order of the rows.
void KeyInterner::encode_dictionary(const Column& column, std::size_t first, std::size_t count,
                                    std::uint32_t* codes) {
  if (column.dictionary() != dictionary_) {
    if (unindexed_) index_texts();
    dictionary_ = column.dictionary();
    dictionary_codes_.assign(dictionary_->size(), kNone);
    unnumbered_ = dictionary_->size();
    unindexed_ = dictionary_->is_distinct() && table_.empty();
  }
  const std::uint32_t* entries = column.codes().data() + first;
  const bool nulls = column.null_bitmap().any();
  const auto is_null = [&](std::size_t i) { return nulls && column.null_bitmap().test(first + i); };
  if (unindexed_) {
    const std::span<const std::string_view> texts = dictionary_->string_values();
    for (std::size_t i = 0; i < count; ++i) {
      if (is_null(i)) {
        codes[i] = null_code();
        continue;
      }
      std::uint32_t& code = dictionary_codes_[entries[i]];
      if (code == kNone) code = add_unindexed(texts[entries[i]]);
      codes[i] = code;
    }
    return;
  }
  // Often the first rows have all entries.
  const auto unknown = [&] { return unnumbered_ > 0 || (nulls && null_ == kNone); };
  for (std::size_t i = 0; i < count && unknown(); ++i) {
    if (is_null(i)) {
      if (null_ != kNone) continue;
      intern_new_entries();
      null_code();
    } else if (std::uint32_t& code = dictionary_codes_[entries[i]]; code == kNone) {
      code = kPending;
      --unnumbered_;
      new_entries_.push_back(entries[i]);
    }
  }
  intern_new_entries();
  const std::uint32_t* const of_entry = dictionary_codes_.data();
  if (!nulls) {
    for (std::size_t i = 0; i < count; ++i) codes[i] = of_entry[entries[i]];
    return;
  }
  for (std::size_t i = 0; i < count; ++i) codes[i] = is_null(i) ? null_ : of_entry[entries[i]];
}

void KeyInterner::encode(const Column& column, std::size_t first, std::size_t count,
                         std::uint32_t* codes) {
  switch (column.kind()) {
    case Kind::kInt:
      return encode_ints(column, first, count, codes);
    case Kind::kString:
      return encode_strings(column, first, count, codes);
    case Kind::kTimestamp:
      return encode_timestamps(column, first, count, codes);
    case Kind::kDictionary:
      return encode_dictionary(column, first, count, codes);
    case Kind::kNull:
      for (std::size_t i = 0; i < count; ++i) codes[i] = null_code();
      return;
    case Kind::kBool:
    case Kind::kFloat:
    case Kind::kMixed:
    case Kind::kList:
      for (std::size_t i = 0; i < count; ++i) codes[i] = intern(column.view(first + i));
      return;
  }
}

void KeyInterner::index_texts() {
  unindexed_ = false;
  std::array<TextTable::Probe, kAtOnce> probes;
  for (std::uint32_t begin = 0; begin < size(); begin += kAtOnce) {
    const std::uint32_t end = std::min<std::uint32_t>(size(), begin + kAtOnce);
    for (std::uint32_t code = begin; code < end; ++code) {
      probes[code - begin] = TextTable::probe(entries_[code].text);
      table_.prefetch(probes[code - begin]);
    }
    for (std::uint32_t code = begin; code < end; ++code) {
      if (entries_[code].whole || is_null(code)) continue;
      table_.find_or_add(probes[code - begin],
                         [&] { return TextTable::Added{code, entries_[code].text}; });
    }
  }
}

std::uint32_t KeyInterner::add_unindexed(std::string_view text) {
  if (const auto whole = canonical_int(text)) return whole_code(*whole);
  return add({texts_->copy(text), 0, false});
}

void KeyInterner::merge_dictionary_codes(const KeyInterner& other,
                                         std::vector<std::uint32_t>& mapping) {
  std::vector<std::uint32_t> entry_of(mapping.size(), kNone);
  for (std::uint32_t entry = 0; entry < dictionary_codes_.size(); ++entry) {
    const std::uint32_t code = other.dictionary_codes_[entry];
    if (code != kNone) entry_of[code] = entry;
  }
  const std::span<const std::string_view> texts = dictionary_->string_values();
  for (std::size_t code = 0; code < mapping.size(); ++code) {
    if (entry_of[code] == kNone) continue;  // Null: no entry of the dictionary.
    std::uint32_t& known = dictionary_codes_[entry_of[code]];
    if (known == kNone) known = add_unindexed(texts[entry_of[code]]);
    mapping[code] = known;
  }
}

std::vector<std::uint32_t> KeyInterner::merge(const KeyInterner& other) {
  std::vector<std::uint32_t> mapping(other.entries_.size(), kNone);
  if (unindexed_ && other.unindexed_ && dictionary_ == other.dictionary_)
    merge_dictionary_codes(other, mapping);
  else if (unindexed_)
    index_texts();
  std::array<TextTable::Probe, kAtOnce> probes;
  for (std::uint32_t begin = 0; begin < other.size(); begin += kAtOnce) {
    if (interrupted()) break;
    const std::uint32_t end = std::min<std::uint32_t>(other.size(), begin + kAtOnce);
    for (std::uint32_t code = begin; code < end; ++code) {
      if (other.entries_[code].whole || mapping[code] != kNone) continue;
      probes[code - begin] = TextTable::probe(other.entries_[code].text);
      table_.prefetch(probes[code - begin]);
    }
    for (std::uint32_t code = begin; code < end; ++code) {
      const Entry& entry = other.entries_[code];
      if (mapping[code] != kNone) continue;
      if (other.is_null(code)) {
        mapping[code] = null_code();
      } else if (entry.whole) {
        mapping[code] = whole_code(entry.word);
      } else {
        mapping[code] = text_code(entry.text, probes[code - begin]);
        if (entry.word != 0) entries_[mapping[code]].word = entry.word;
      }
    }
  }
  return mapping;
}

ValueView KeyInterner::value(std::uint32_t code, Type type, std::string& scratch) const {
  if (is_null(code)) return {};
  const Entry& entry = entries_[code];
  switch (type) {
    case Type::kBool:
      return ValueView::boolean(entry.text == "true");
    case Type::kInt:
      return ValueView::integer(entry.word);
    case Type::kFloat:
      return ValueView::floating(entry.whole ? static_cast<double>(entry.word)
                                             : std::bit_cast<double>(entry.word));
    case Type::kTimestamp:
      return ValueView::timestamp(entry.word);
    case Type::kString:
      break;
    case Type::kNull:
    case Type::kList:
      return {};
  }
  if (!entry.whole) return ValueView::string(entry.text);
  scratch.clear();
  event::append_int(entry.word, scratch);
  return ValueView::string(scratch);
}

std::string KeyInterner::text(std::uint32_t code) const {
  std::string text;
  if (is_null(code)) return text;
  if (!entries_[code].whole) return std::string(entries_[code].text);
  event::append_int(entries_[code].word, text);
  return text;
}

std::uint64_t KeyInterner::sort_hash(std::uint32_t code) const {
  if (is_null(code)) return 0;
  const Entry& entry = entries_[code];
  if (!entry.whole) {
    const auto number = event::parse_number(entry.text);
    if (!number || number->is_null()) return base::xxh3(entry.text);
    const double v =
        number->type() == Type::kInt ? static_cast<double>(number->as_int()) : number->as_float();
    return base::mix64(std::bit_cast<std::uint64_t>(v + 0.0) + 1);
  }
  return base::mix64(std::bit_cast<std::uint64_t>(static_cast<double>(entry.word)) + 1);
}

std::size_t KeyInterner::memory_bytes() const {
  return entries_.capacity() * sizeof(Entry) +
         (small_.capacity() + dictionary_codes_.capacity()) * sizeof(std::uint32_t) +
         table_.memory_bytes() + bytes_of(wholes_) + bytes_of(timestamps_) + bytes_of(floats_) +
         new_entries_.capacity() * sizeof(std::uint32_t) + texts_->memory_bytes();
}

}  // namespace lynxdb::query
