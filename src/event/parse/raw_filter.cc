#include "event/parse/raw_filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lynxdb::event {
namespace {

// A document's `_raw` and an envelope's `event` are texts with escapes. Their names may be escaped
// too.
bool may_hold_another_raw(std::string_view line) {
  if (line.find('\\') == std::string_view::npos) return false;
  return line.find("\"_raw\"") != std::string_view::npos ||
         line.find("\"event\"") != std::string_view::npos ||
         line.find("\\u") != std::string_view::npos;
}

// Searched, looked at for escapes and counted one after the other: what stays in a core's nearest
// cache meanwhile.
constexpr std::size_t kPieceBytes = std::size_t{24} << 10U;

// The end of the piece that begins at `begin`: behind a line's end, or the end of `lines`.
std::size_t piece_end(std::string_view lines, std::size_t begin) {
  if (lines.size() - begin <= kPieceBytes) return lines.size();
  const std::size_t at = lines.find('\n', begin + kPieceBytes - 1);
  return at == std::string_view::npos ? lines.size() : at + 1;
}

// Whether every line of `lines` has itself for its `_raw`.
bool is_plain(std::string_view lines) {
  if (lines.find('\\') == std::string_view::npos) return true;
  static const std::array<base::SubstringFinder, 3> kSigns = {base::SubstringFinder("\"_raw\""),
                                                              base::SubstringFinder("\"event\""),
                                                              base::SubstringFinder("\\u")};
  return std::none_of(kSigns.begin(), kSigns.end(),
                      [&](const base::SubstringFinder& sign) { return sign.contains(lines); });
}

void add_all(std::string_view lines, std::size_t begin, std::size_t end, Candidates& found) {
  while (begin < end) {
    found.lines.push_back({.begin = begin, .refused_before = found.refused_behind});
    found.refused_behind = 0;
    const std::size_t at = lines.find('\n', begin);
    begin = at == std::string_view::npos ? end : at + 1;
  }
}

}  // namespace

RawFilter::RawFilter(const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) {
    finders_.emplace_back(needle, base::LetterCase::kIgnoreAscii);
    if (needle.size() > finders_[longest_].needle().size()) longest_ = finders_.size() - 1;
  }
}

// The lines of a plain piece that hold the longest needle.
void RawFilter::add_matching(std::string_view lines, std::size_t begin, std::size_t end,
                             Candidates& found) const {
  const std::string_view piece = lines.substr(0, end);
  std::size_t place = finders_[longest_].find(piece, begin);
  while (place != std::string_view::npos) {
    const std::size_t before = piece.substr(0, place).rfind('\n');
    const std::size_t line = std::max(begin, before == std::string_view::npos ? 0 : before + 1);
    found.refused_behind += base::count_lines_not_blank(piece.substr(begin, line - begin));
    found.lines.push_back({.begin = line, .refused_before = found.refused_behind});
    found.refused_behind = 0;
    const std::size_t at = piece.find('\n', place);
    begin = at == std::string_view::npos ? end : at + 1;
    place = finders_[longest_].find(piece, begin);
  }
  found.refused_behind += base::count_lines_not_blank(piece.substr(begin));
}

Candidates RawFilter::find_candidates(std::string_view lines, Candidates reuse) const {
  Candidates found = std::move(reuse);
  found.lines.clear();
  found.refused_behind = 0;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = piece_end(lines, begin);
    if (is_plain(lines.substr(begin, end - begin))) {
      add_matching(lines, begin, end, found);
    } else {
      add_all(lines, begin, end, found);
    }
    begin = end;
  }
  return found;
}

bool RawFilter::may_match(std::string_view line) const {
  for (const base::SubstringFinder& finder : finders_) {
    if (!finder.contains(line)) return may_hold_another_raw(line);
  }
  return true;
}

}  // namespace lynxdb::event
