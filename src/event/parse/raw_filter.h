// Tells lines that cannot match a search before they are parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text_search.h"

namespace lynxdb::event {

// Immutable and thread-safe.
class RawFilter {
 public:
  // ASCII case is ignored.
  explicit RawFilter(const std::vector<std::string>& needles);

  bool is_empty() const { return finders_.empty(); }

  // False when the event of `line` cannot contain all needles in its `_raw`. Mostly that is the
  // line itself; where `_raw` may be an unescaped part of it, only lines without escapes are
  // refused.
  bool may_match(std::string_view line) const;

  // Whether every line of `lines` has itself for its `_raw`, so that lines may be refused by
  // searching all of them at once.
  static bool is_plain(std::string_view lines);
  // The first place at or after `from` of a needle that every matching line must hold; npos when
  // there is none. For plain lines and a filter that is not empty.
  std::size_t find_candidate(std::string_view lines, std::size_t from) const {
    return finders_[longest_].find(lines, from);
  }

 private:
  std::vector<base::SubstringFinder> finders_;
  std::size_t longest_ = 0;
};

}  // namespace lynxdb::event
