// The layout of JSON lines, learned from lines that were parsed in full, so that the next line of
// the same shape costs little more than a comparison.
//
//   {"level":"INFO","http":{"status":200,"tags":["a"]}}
//   ^^^^^^^^^      ^^^^^^^^^^^^^^^^^^^^^   ^^^^^^^^    ^^  literals: the same in every line
//            ^^^^^^                     ^^^        ^^^^^    values: any scalar or list of scalars
//
// A line matches when every literal is byte for byte the layout's and everything between is a valid
// JSON scalar or flat array. The literals stood in a valid JSON object, so a match proves that the
// line is one, with the same field names. What is rare or delicate (an exponent of three digits, a
// surrogate pair, an array of objects) does not match: the caller then parses the line in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/parse/json_slice.h"

namespace lynxdb::event {

// Immutable once learned.
class JsonLayout {
 public:
  // The layout of `line`, which must be a valid JSON object that ends with the line's LF (or CR
  // LF). Nullopt when it is none that can be matched: arrays of objects, escaped or empty or
  // doubled names, more than 16 levels or `fields_max` fields, spaces around the object, an
  // envelope's names.
  static std::optional<JsonLayout> learn(std::string_view line, std::size_t fields_max);

  // Flattened names (`http.status`), one for each value, in the order of the line.
  const std::vector<std::string>& names() const { return names_; }

  // Matches the line at `line` and puts its values to `values` (names().size() of them). The answer
  // is the place behind the line's LF, null when it does not match. `line` must have an LF, and 64
  // readable bytes after it.
  const char* match(const char* line, JsonSlice* values) const;

  // As above with the code for every machine; for tests.
  const char* match_plain(const char* line, JsonSlice* values) const;

 private:
  friend class LayoutLearner;

  // A literal as it is compared: whole blocks, then one that counts only where `mask` is set.
  struct Literal {
    std::uint32_t offset = 0;  // In bytes_.
    std::uint32_t size = 0;
    std::uint32_t whole_blocks = 0;
    std::uint32_t mask = 0;
  };

  JsonLayout() = default;
  void add_literal(std::string_view text);

  bool literal_fits(const Literal& literal, const char* p) const;
  const char* match_inlined(const char* line, JsonSlice* values) const;
  const char* match_avx2(const char* line, JsonSlice* values) const;

  std::vector<std::string> names_;
  std::vector<Literal> literals_;  // One before each value, one at the end.
  std::string bytes_;              // Of all literals, each padded to whole blocks.
};

// The layouts of a stream of lines: the last few, the likeliest tried first. Belongs to one thread.
class JsonLayouts {
 public:
  static constexpr std::size_t kMax = 16;

  explicit JsonLayouts(std::size_t fields_max);

  struct Match {
    std::size_t layout = 0;             // Its place, below kMax.
    const char* line_end = nullptr;     // Behind the LF.
    std::span<const JsonSlice> values;  // Valid until the next call.
  };

  // Preconditions as JsonLayout::match.
  std::optional<Match> match(const char* line);

  // Learns from a valid line that did not match. The place where the layout now stands (it may have
  // replaced another one), nullopt if nothing was learned: not possible, or not worth while because
  // nearly every line looks different.
  std::optional<std::size_t> learn(std::string_view line);

  const JsonLayout& layout(std::size_t place) const { return *entries_[place].layout; }

 private:
  struct Entry {
    std::optional<JsonLayout> layout;
    std::size_t likely_next = 0;  // What matched after it last time.
    std::uint64_t last_use = 0;
  };

  std::optional<Match> match_at(std::size_t place, const char* line);

  const std::size_t fields_max_;
  std::vector<Entry> entries_;
  std::vector<JsonSlice> values_;
  std::size_t last_ = 0;  // What matched last.
  std::uint64_t uses_ = 0;
  std::int64_t credit_;  // What may be spent on lessons.
};

}  // namespace lynxdb::event
