// Tells lines that cannot match a search before they are parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text_search.h"

namespace lynxdb::event {

// Lines that a search of a whole chunk could not refuse, in order.
struct Candidates {
  struct Line {
    std::size_t begin = 0;
    // Refused lines that are not blank, between the candidate before (or the start) and this one.
    std::size_t refused_before = 0;
  };
  std::vector<Line> lines;
  std::size_t refused_behind = 0;  // Behind the last candidate.
};

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

  // Searches all lines at once: those for which may_match() can be true. Not for an empty filter.
  Candidates find_candidates(std::string_view lines, Candidates reuse) const;

 private:
  void add_matching(std::string_view lines, std::size_t begin, std::size_t end,
                    Candidates& found) const;

  std::vector<base::SubstringFinder> finders_;
  std::size_t longest_ = 0;
};

}  // namespace lynxdb::event
