// A compiled regular expression: RE2 syntax, linear time, bounded memory, errors fit for users.
//
// `(?<name>...)` is accepted beside `(?P<name>...)`. Look-around and back-references are errors
// that say so: no linear-time engine has them.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/run_pattern.h"
#include "base/text_search.h"
#include "query/regex_direct.h"

namespace re2 {
class RE2;
}

namespace lynxdb::query {

class Regex;
using RegexPtr = std::shared_ptr<const Regex>;

// Immutable, thread-safe. Matches are unanchored and case-sensitive unless the pattern says `^`,
// `$`,
// `(?i)`. Bytes that are not UTF-8 never fit `.` but do not stop a match elsewhere.
class Regex {
 public:
  struct NamedGroup {
    std::string name;
    std::size_t index = 0;  // Group number, 1 or more.
  };

  // Error: kInvalidArgument, "invalid regex: missing closing )" and the like.
  static Result<RegexPtr> compile(std::string_view pattern);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  const std::string& pattern() const { return pattern_; }  // As written.
  // Groups in parentheses, named or not; group 0, the whole match, is not counted.
  std::size_t group_count() const { return group_count_; }
  const std::vector<NamedGroup>& named_groups() const { return named_groups_; }  // By index.

  // What a search looks at, where that is less than the whole text.
  std::optional<base::RunPattern> runs() const;

  bool matches(std::string_view text) const;

  // The first match that begins at or after byte `start`. Fills groups[0] with the whole match and
  // groups[i] with group i, as far as `groups` has room (at most group_count() + 1 are filled). A
  // group that took no part has data() == nullptr. Views point into `text`.
  bool find(std::string_view text, std::span<std::string_view> groups, std::size_t start = 0) const;

  // Where to look for the match after `match`, so that empty matches do not repeat: its end, or one
  // character further when it is empty. Beyond text.size() when there is none left.
  static std::size_t after(std::string_view text, std::string_view match);

 private:
  explicit Regex(std::string_view pattern);

  std::string pattern_;
  // Text that every match contains: looked for before the engine starts.
  std::optional<base::SubstringFinder> literal_;
  bool is_literal_ = false;              // The pattern is that text and nothing else.
  std::optional<DirectMatcher> direct_;  // Answers where it can.
  std::size_t group_count_ = 0;
  std::vector<NamedGroup> named_groups_;
  std::unique_ptr<re2::RE2> engine_;
};

// Compiles patterns that are computed row by row; the last one is kept. Belongs to one thread.
class RegexCache {
 public:
  // Null for a pattern that does not compile.
  const Regex* get(std::string_view pattern);
  RegexPtr shared(std::string_view pattern);

 private:
  std::string pattern_;
  RegexPtr regex_;
  bool filled_ = false;
};

// What `replace` puts in place of a match: text with `$1`, `\1`, `${name}`, `${1}`; `$$` and `\\`
// give the character itself. Immutable, thread-safe.
class RegexReplacement {
 public:
  // A reference to a group that `regex` does not have stands for nothing.
  RegexReplacement(RegexPtr regex, std::string_view replacement);

  // `text` with every match replaced, appended to `out`. False (and nothing appended) when there is
  // no match. Stops in the middle when `out` has more than `bytes_max` bytes.
  bool apply(std::string_view text, std::string& out,
             std::size_t bytes_max = std::numeric_limits<std::size_t>::max()) const;

 private:
  struct Piece {
    std::string literal;
    std::size_t group = 0;
    bool is_group = false;
  };
  void parse(std::string_view replacement);
  void add_literal(std::string_view text);
  void add_group(std::string_view reference);

  RegexPtr regex_;
  std::vector<Piece> pieces_;
};

}  // namespace lynxdb::query
