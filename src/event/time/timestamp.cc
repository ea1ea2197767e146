#include "event/time/timestamp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "event/time/civil.h"
#include "event/time/time_scan.h"
#include "event/time/timestamp_formats.h"

namespace lynxdb::event {
namespace {

constexpr std::size_t kSearchBytes = 256;
constexpr int kEpochWords = 3;  // Plain numbers are timestamps only as one of the first words.

constexpr std::array<bool, 256> make_delimiters() {
  std::array<bool, 256> table{};
  for (const char c :
       {' ', '\t', '\v', '\f', '\r', '\n', '[', '(', '<', '>', '"', '\'', '|', ',', ';', '='}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kDelimiters = make_delimiters();

bool is_delimiter(char c) { return kDelimiters[static_cast<unsigned char>(c)]; }
bool opens_word(char c) { return c == '[' || c == '(' || c == '<' || c == '"' || c == '\''; }

std::size_t digit_run(const char* p, const char* end) {
  const char* after = p;
  while (after != end && is_digit(*after)) ++after;
  return static_cast<std::size_t>(after - p);
}

struct Match {
  const char* end = nullptr;
  std::int64_t ns = 0;

  void take(const char* other_end, std::int64_t other_ns) {
    if (other_end != nullptr && (end == nullptr || other_end > end)) {
      end = other_end;
      ns = other_ns;
    }
  }
};

// An epoch number of `digits` digits with a fraction in its unit.
const char* scan_epoch(const char* p, const char* end, std::size_t digits, std::int64_t& ns) {
  if (digits == 0 || digits > 19) return nullptr;
  std::uint64_t number = 0;  // 19 digits fit.
  for (std::size_t i = 0; i < digits; ++i) number = number * 10 + static_cast<unsigned>(p[i] - '0');
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return nullptr;
  const std::optional<std::int64_t> whole = timestamp_of_epoch(static_cast<std::int64_t>(number));
  if (!whole) return nullptr;
  const char* after = p + digits;
  std::int32_t billionths = 0;
  if (after != end && *after == '.') after = scan_optional_fraction(after, end, billionths);
  const std::int64_t unit = number < 100'000'000'000U           ? kNsPerSecond
                            : number < 100'000'000'000'000U     ? 1'000'000
                            : number < 100'000'000'000'000'000U ? 1'000
                                                                : 1;
  ns = *whole + billionths / (kNsPerSecond / unit);
  return after;
}

bool is_epoch_length(std::size_t digits) {
  return digits == 10 || digits == 13 || digits == 16 || digits == 19;
}

// A whole word of the line, brackets and quotes aside.
const char* scan_epoch_word(const char* p, const char* end, std::size_t digits, std::int64_t& ns) {
  if (!is_epoch_length(digits)) return nullptr;
  const char* after = scan_epoch(p, end, digits, ns);
  if (after == nullptr || (digits != 10 && after != p + digits)) return nullptr;
  const bool ends = after == end || is_delimiter(*after) || *after == ']' || *after == ')' ||
                    (*after == ':' && (after + 1 == end || after[1] == ' '));
  return ends ? after : nullptr;
}

// Formats that start with a digit; the length of the first run of digits tells them apart.
void match_digits(const char* p, const TimestampText& text, IsoForms forms, Match& best) {
  std::int64_t ns = 0;
  const std::size_t digits = digit_run(p, std::min(text.end, p + 5));
  if (digits == 4) {
    best.take(scan_iso(p, text, forms, ns), ns);
    best.take(scan_dashed(p, text, ns), ns);
  } else if (digits <= 2) {
    best.take(scan_day_first(p, text, ShortYear::kNo, ns), ns);
    best.take(scan_short_year_first(p, text, ns), ns);
  }
}

void match_letters(const char* p, const TimestampText& text, Match& best) {
  std::int64_t ns = 0;
  best.take(scan_month_first(p, text, TrailingYear::kAllowed, ns), ns);
  best.take(scan_weekday_first(p, text, ns), ns);
}

// Formats so short of marks that they count only where a line, or the whole text, starts.
void match_at_start(const char* p, const TimestampText& text, Match& best) {
  std::int64_t ns = 0;
  best.take(scan_packed(p, text, ns), ns);
  best.take(scan_klog(p, text, ns), ns);
}

std::optional<FoundTimestamp> found_at_start(std::string_view text, const char* end,
                                             std::int64_t ns) {
  if (end == nullptr) return std::nullopt;
  return FoundTimestamp{ns, 0, static_cast<std::size_t>(end - text.data())};
}

TimestampText whole(std::string_view text, const TimestampDefaults& defaults) {
  return {text.data(), text.data() + text.size(), defaults};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::int64_t> timestamp_of_epoch(std::int64_t number) {
  if (number < 100'000'000) return std::nullopt;
  std::int64_t unit = 1;
  if (number < 100'000'000'000) {
    unit = kNsPerSecond;
  } else if (number < 100'000'000'000'000) {
    unit = 1'000'000;
  } else if (number < 100'000'000'000'000'000) {
    unit = 1'000;
  }
  if (number > std::numeric_limits<std::int64_t>::max() / unit - 1) return std::nullopt;
  return number * unit;
}

// Doubles of our time resolve about a quarter of a microsecond: what lies below is noise.
std::optional<std::int64_t> timestamp_of_epoch(double number) {
  if (!(number >= 1e8) || number >= 9.2e18) return std::nullopt;
  if (number >= 1e11) return timestamp_of_epoch(static_cast<std::int64_t>(number));
  const double seconds = std::floor(number);
  const std::optional<std::int64_t> base = timestamp_of_epoch(static_cast<std::int64_t>(seconds));
  if (!base) return std::nullopt;
  return *base + std::llround((number - seconds) * 1e6) * 1'000;
}

std::optional<FoundTimestamp> find_timestamp(std::string_view line,
                                             const TimestampDefaults& defaults) {
  const TimestampText text = whole(line, defaults);
  const std::size_t limit = std::min(line.size(), kSearchBytes);
  int words = 0;
  bool at_word_start = false;
  for (std::size_t i = 0; i < limit; ++i) {
    const char* p = text.begin + i;
    const bool after_space = i == 0 || is_space(p[-1]);
    if (after_space && !is_space(*p)) ++words;
    at_word_start = after_space || (at_word_start && opens_word(p[-1]));
    if (!after_space && !is_delimiter(p[-1])) continue;

    Match best;
    std::int64_t ns = 0;
    if (is_digit(*p)) {
      match_digits(p, text, IsoForms::kFull, best);
      if (at_word_start && words <= kEpochWords) {
        best.take(scan_epoch_word(p, text.end, digit_run(p, text.end), ns), ns);
      }
    } else if (is_alpha(*p)) {
      match_letters(p, text, best);
    }
    if (i == 0) match_at_start(p, text, best);
    if (best.end != nullptr) {
      return FoundTimestamp{best.ns, i, static_cast<std::size_t>(best.end - text.begin)};
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text,
                                            const TimestampDefaults& defaults) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  const TimestampText source = whole(text, defaults);
  Match best;
  std::int64_t ns = 0;
  if (is_digit(text.front())) {
    match_digits(source.begin, source, IsoForms::kWithShort, best);
    best.take(scan_epoch(source.begin, source.end, digit_run(source.begin, source.end), ns), ns);
  } else {
    match_letters(source.begin, source, best);
  }
  match_at_start(source.begin, source, best);
  if (best.end != source.end) return std::nullopt;
  return best.ns;
}

std::optional<FoundTimestamp> iso_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults) {
  std::int64_t ns = 0;
  const char* end = scan_iso(text.data(), whole(text, defaults), IsoForms::kFull, ns);
  return found_at_start(text, end, ns);
}

std::optional<FoundTimestamp> bsd_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults) {
  std::int64_t ns = 0;
  const char* end = scan_month_first(text.data(), whole(text, defaults), TrailingYear::kNo, ns);
  return found_at_start(text, end, ns);
}

std::optional<FoundTimestamp> clf_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults) {
  std::int64_t ns = 0;
  const char* end = scan_day_first(text.data(), whole(text, defaults), ShortYear::kNo, ns);
  return found_at_start(text, end, ns);
}

}  // namespace lynxdb::event
