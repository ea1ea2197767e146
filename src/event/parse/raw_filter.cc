#include "event/parse/raw_filter.h"

#include <algorithm>
#include <array>

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

}  // namespace

RawFilter::RawFilter(const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) {
    finders_.emplace_back(needle, base::LetterCase::kIgnoreAscii);
    if (needle.size() > finders_[longest_].needle().size()) longest_ = finders_.size() - 1;
  }
}

bool RawFilter::is_plain(std::string_view lines) {
  if (lines.find('\\') == std::string_view::npos) return true;
  static const std::array<base::SubstringFinder, 3> kSigns = {base::SubstringFinder("\"_raw\""),
                                                              base::SubstringFinder("\"event\""),
                                                              base::SubstringFinder("\\u")};
  return std::none_of(kSigns.begin(), kSigns.end(),
                      [&](const base::SubstringFinder& sign) { return sign.contains(lines); });
}

bool RawFilter::may_match(std::string_view line) const {
  for (const base::SubstringFinder& finder : finders_) {
    if (!finder.contains(line)) return may_hold_another_raw(line);
  }
  return true;
}

}  // namespace lynxdb::event
