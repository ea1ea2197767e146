// The distinct values of one group key, numbered: rows become small codes.
//
// Values are the same when their text forms are (500, 500.0 and "500"). A code stands for a text;
// with which type it is printed is for the user of the codes to remember (group_table.h).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "event/column.h"
#include "query/group_table_texts.h"

namespace lynxdb::query {

struct MixedWordHash {
  using is_avalanching = void;
  std::size_t operator()(std::uint64_t v) const { return base::mix64(v + 0x9e3779b97f4a7c15ULL); }
};
using WordMap = boost::unordered_flat_map<std::uint64_t, std::uint32_t, MixedWordHash>;

inline std::size_t bytes_of(const WordMap& map) {
  return map.bucket_count() * (sizeof(WordMap::value_type) + 1);
}

// Codes count from 0 in order of first appearance. Not thread-safe.
class KeyInterner {
 public:
  static constexpr std::uint32_t kNone = TextTable::kNone;

  // The code of each row of [first, first + count) of `column`, which holds no lists.
  void encode(const event::Column& column, std::size_t first, std::size_t count,
              std::uint32_t* codes);
  std::uint32_t intern(event::ValueView scalar);
  // Code i of `other` is code result[i] here.
  std::vector<std::uint32_t> merge(const KeyInterner& other);

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  bool is_null(std::uint32_t code) const { return code == null_; }
  // The value of the code as one of `type`, which must be a type it was seen with. Borrowed until
  // the interner changes. `scratch` holds the text of an int that is to be a string.
  event::ValueView value(std::uint32_t code, event::Type type, std::string& scratch) const;
  std::string text(std::uint32_t code) const;
  // Equal for equal texts and for texts that sort as equal ("5", "5.0"); the same in every process.
  std::uint64_t sort_hash(std::uint32_t code) const;

  std::size_t memory_bytes() const;
  void clear() { *this = KeyInterner(); }

 private:
  // Texts that are looked up together.
  static constexpr std::size_t kAtOnce = 64;

  struct Entry {
    std::string_view text;  // Empty data() for whole numbers.
    std::int64_t word = 0;  // The whole number; bits of a float or ns of a timestamp of this text.
    bool whole = false;
  };
  std::uint32_t null_code();
  std::uint32_t whole_code(std::int64_t v);
  std::uint32_t text_code(std::string_view text, const TextTable::Probe& probe);
  std::uint32_t string_code(std::string_view text);
  std::uint32_t float_code(double v);
  std::uint32_t timestamp_code(std::int64_t ns);
  std::uint32_t bool_code(bool v);
  std::uint32_t add(Entry entry);
  void remember_small(std::int64_t v, std::uint32_t code);

  void encode_ints(const event::Column& column, std::size_t first, std::size_t count,
                   std::uint32_t* codes);
  void encode_strings(const event::Column& column, std::size_t first, std::size_t count,
                      std::uint32_t* codes);
  void encode_timestamps(const event::Column& column, std::size_t first, std::size_t count,
                         std::uint32_t* codes);
  // The codes of up to kAtOnce texts.
  void encode_texts(const std::string_view* texts, std::size_t count, std::uint32_t* codes);
  void intern_new_entries();
  // Puts the texts that were numbered by their place in the dictionary into the table.
  void index_texts();
  std::uint32_t add_unindexed(std::string_view text);
  // Codes of `other` for texts of the dictionary that came last to both, where it knows all texts.
  void merge_dictionary_codes(const KeyInterner& other, std::vector<std::uint32_t>& mapping);
  void encode_dictionary(const event::Column& column, std::size_t first, std::size_t count,
                         std::uint32_t* codes);

  std::vector<Entry> entries_;
  std::uint32_t null_ = kNone;
  std::uint32_t bools_[2] = {kNone, kNone};
  std::vector<std::uint32_t> small_;  // Codes of the first whole numbers from 0.
  WordMap wholes_;                    // The others.
  WordMap timestamps_;                // Shortcuts from ns and float bits to the code of their text.
  WordMap floats_;
  TextTable table_;  // Other texts.
  std::shared_ptr<event::Arena> texts_ = std::make_shared<event::Arena>();

  // Codes of the entries of the dictionary that came last: batches of one source often share one.
  event::ColumnPtr dictionary_;
  std::vector<std::uint32_t> dictionary_codes_;
  std::size_t unnumbered_ = 0;  // No more of its entries lack a code.
  // All texts so far are entries of this dictionary, no two of which are the same: who knows the
  // entry knows the code, and table_ is empty until a text comes from elsewhere.
  bool unindexed_ = false;
  std::vector<std::uint32_t> new_entries_;  // Scratch of encode_dictionary.
};

}  // namespace lynxdb::query
