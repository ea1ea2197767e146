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

 private:
  std::vector<base::SubstringFinder> finders_;
};

}  // namespace lynxdb::event
