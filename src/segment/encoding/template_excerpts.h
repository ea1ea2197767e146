// Which part of a template's texts a search has to see: rendering no more than that, of no more
// slots, is several times as fast as rendering whole texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/run_pattern.h"
#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

struct TemplatePart {
  std::string_view literal;
  std::uint32_t slot = 0;  // 0: none; otherwise slot - 1.
};
using TemplateParts = std::vector<TemplatePart>;

// The parts to render, and the slots (as in TemplatePart, never 0) before and behind them.
struct TemplateExcerpt {
  TemplateParts parts;
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> behind;
};

// Borrows what it is made from.
class ExcerptFinder {
 public:
  static constexpr std::size_t kFirstBytesMax = 63;

  // `may_hold`: whether a value of each slot of text may hold pattern.first, of at most
  // kFirstBytesMax bytes.
  ExcerptFinder(const base::RunPattern& pattern, std::span<const SlotSpec> specs,
                const std::vector<bool>& may_hold);

  // The pattern's leftmost match in each text of the template is that in the text's excerpt, with
  // the same runs; there is none in both, or in neither.
  TemplateExcerpt excerpt(const TemplateParts& parts) const;

 private:
  struct Place {
    std::size_t part = 0;
    std::size_t at = 0;  // Within its literal.
  };
  enum class First : std::uint8_t { kNowhere, kHere, kUnknown };

  First find_first(const TemplateParts& parts, Place& place) const;
  std::optional<Place> end_of_match(const TemplateParts& parts, Place at) const;
  bool end_of_run(const TemplateParts& parts, const base::RunPattern::Step& step, Place& at) const;
  bool may_take(std::uint64_t& begun, std::uint64_t accepted) const;

  const base::RunPattern& pattern_;
  std::span<const SlotSpec> specs_;
  const std::vector<bool>& may_hold_;
};

}  // namespace lynxdb::segment
