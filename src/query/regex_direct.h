// Patterns of texts and runs of bytes ("shard=(?<s>[0-9]+)", "from (\S+) port (\d+)") matched
// without an engine.
//
//   pattern := text (group text)*   group := "(" ["?<" name ">"] class ("+" | "*") ")"
//
// Texts are ASCII, the first one is not empty, and none begins with a byte of the class before it:
// so from each place there is one way to match at most, and greedy, leftmost and first are the
// same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_pattern.h"
#include "base/text_search.h"

namespace lynxdb::query {

// Immutable, thread-safe.
class DirectMatcher {
 public:
  // Nullopt for all other patterns, and for those that are not understood for certain.
  static std::optional<DirectMatcher> compile(std::string_view pattern);

  enum class Found : std::uint8_t { kNo, kYes, kUnknown };
  // As Regex::find, from `start` <= text.size(). kUnknown: ask the engine. A class that takes
  // characters beyond ASCII met such bytes, or so many places nearly match that the engine, whose
  // time is linear, is faster.
  Found find(std::string_view text, std::span<std::string_view> groups, std::size_t start) const;

  base::RunPattern runs() const { return {first_.needle(), steps_}; }

 private:
  friend class DirectPattern;

  using ByteSet = base::RunPattern::ByteSet;
  using Step = base::RunPattern::Step;  // A group and the text behind it.

  explicit DirectMatcher(const std::string& first) : first_(first) {}
  // `end`: where it stopped looking.
  Found match_at(std::string_view text, std::size_t begin, std::span<std::string_view> groups,
                 std::size_t& end) const;

  base::SubstringFinder first_;
  std::vector<Step> steps_;
};

}  // namespace lynxdb::query
