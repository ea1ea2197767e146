#include "query/operators/raw_text.h"

#include <utility>

#include "query/operators/scalar_condition.h"
#include "query/operators/text_pattern.h"

namespace lynxdb::query {
namespace {

// Lines of one input chunk lie behind each other with at most CR LF between them. Anything further
// apart may be another allocation and is never read across.
constexpr std::uintptr_t kGapBytesMax = 2;

std::uintptr_t address(const char* p) { return reinterpret_cast<std::uintptr_t>(p); }

bool follows(std::string_view previous, std::string_view next) {
  const std::uintptr_t end = address(previous.data()) + previous.size();
  return !previous.empty() && !next.empty() && address(next.data()) >= end &&
         address(next.data()) - end <= kGapBytesMax;
}

// Marks the rows of `lines` that contain the needle; they lie in one piece of memory, `first` is
// the number of the first. One search over all of them: rare needles cost nothing per row.
void mark_adjacent(std::span<const std::string_view> lines, std::size_t first,
                   const base::SubstringFinder& finder, RowMask& found) {
  const char* begin = lines.front().data();
  const std::string_view text(
      begin, static_cast<std::size_t>(lines.back().data() + lines.back().size() - begin));
  const std::size_t needle_bytes = finder.needle().size();
  std::size_t line = 0;
  std::size_t from = 0;
  while (line < lines.size()) {
    const std::size_t hit = finder.find(text, from);
    if (hit == base::SubstringFinder::npos) return;
    const auto end_of = [&](std::size_t i) {
      return static_cast<std::size_t>(lines[i].data() - begin) + lines[i].size();
    };
    while (line < lines.size() && end_of(line) <= hit) ++line;
    if (line == lines.size()) return;
    const auto line_begin = static_cast<std::size_t>(lines[line].data() - begin);
    // A hit that reaches over the end of its line, or begins in a gap, is none.
    if (hit < line_begin || hit + needle_bytes > end_of(line)) {
      from = hit + 1;
      continue;
    }
    found.set(first + line);
    from = end_of(line);
    ++line;
  }
}

void keep_containing(std::span<const std::string_view> lines, const base::SubstringFinder& finder,
                     RowMask& mask) {
  RowMask missing = mask;
  RowMask found(mask.rows(), false);
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin + 1;
    while (end < lines.size() && follows(lines[end - 1], lines[end])) ++end;
    mark_adjacent(lines.subspan(begin, end - begin), begin, finder, found);
    begin = end;
  }
  missing.subtract(found);
  mask.subtract(missing);
}

class RawTextMatcher final : public SearchMatcher, private ScalarCondition {
 public:
  RawTextMatcher(const spl2::SearchPattern& pattern, TextTerm term)
      : pattern_(pattern, term == TextTerm::kExactCase ? base::LetterCase::kExact
                                                       : base::LetterCase::kIgnoreAscii),
        term_(term) {}

  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    const event::ColumnPtr* raw = batch.find(event::kRaw);
    if (raw == nullptr) {
      mask = RowMask(mask.rows(), false);
      return;
    }
    const event::Column& column = **raw;
    const base::SubstringFinder* required = pattern_.required();
    // Searching all lines at once pays while most of them are wanted.
    const bool together = column.kind() == event::Kind::kString && required != nullptr &&
                          mask.count() * 2 > mask.rows();
    if (together) {
      keep_present(column, mask);
      keep_containing(column.string_values(), *required, mask);
      if (term_ != TextTerm::kTerm && pattern_.is_plain()) return;
    }
    keep_passing(column, *this, mask);
  }

 private:
  bool text(std::string_view text) const override {
    return term_ == TextTerm::kTerm ? pattern_.contained_as_term(text)
                                    : pattern_.contained_in(text);
  }
  bool number(event::ValueView number) const override { return text(event::text(number)); }
  bool timestamp(std::int64_t ns) const override {
    return text(event::text(event::ValueView::timestamp(ns)));
  }

  WildcardPattern pattern_;
  TextTerm term_;
};

}  // namespace

SearchMatcherPtr text_matcher(const spl2::SearchPattern& pattern, TextTerm term) {
  return std::make_shared<RawTextMatcher>(pattern, term);
}

}  // namespace lynxdb::query
