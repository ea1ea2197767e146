#include "event/time/time_scan.h"

namespace lynxdb::event {
namespace {

bool is_word_end(const char* p, const char* end) {
  return p == end || !(is_alpha(*p) || is_digit(*p) || *p == '_');
}

bool starts_with_name(const char* p, const char* end, const char (&name)[4]) {
  return end - p >= 3 && (p[0] | 0x20) == name[0] && (p[1] | 0x20) == name[1] &&
         (p[2] | 0x20) == name[2];
}

}  // namespace

const char* scan_zone_offset(const char* p, const char* end, std::int32_t& offset_s) {
  if (p == end) return nullptr;
  if ((*p | 0x20) == 'z') {
    offset_s = 0;
    return is_word_end(p + 1, end) ? p + 1 : nullptr;
  }
  if ((*p != '+' && *p != '-') || end - p < 3) return nullptr;
  const std::int32_t hours = two_digits(p + 1);
  if (hours < 0 || hours > 23) return nullptr;
  const char* after = p + 3;
  std::int32_t minutes = 0;
  const char* minutes_at = after != end && *after == ':' ? after + 1 : after;
  if (end - minutes_at >= 2 && two_digits(minutes_at) >= 0) {
    minutes = two_digits(minutes_at);
    after = minutes_at + 2;
  }
  if (minutes > 59 || !is_word_end(after, end)) return nullptr;
  offset_s = (*p == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  return after;
}

const char* scan_zone_name(const char* p, const char* end) {
  if (starts_with_name(p, end, "utc") || starts_with_name(p, end, "gmt")) {
    return is_word_end(p + 3, end) ? p + 3 : nullptr;
  }
  return p != end && (*p | 0x20) == 'z' && is_word_end(p + 1, end) ? p + 1 : nullptr;
}

const char* scan_optional_zone(const char* p, const char* end, std::int32_t& offset_s) {
  std::int32_t offset = 0;
  if (const char* after = scan_zone_offset(p, end, offset)) {
    offset_s = offset;
    return after;
  }
  if (p == end || *p != ' ') return p;
  const char* word = p + 1;
  if (word == end) return p;
  if (const char* after = scan_zone_name(word, end)) {
    offset_s = 0;
    return after;
  }
  // After a space only the long forms: in "10:30:00 -15 C" the number is no zone.
  const char* after = scan_zone_offset(word, end, offset);
  if (after == nullptr || after - word < 5) return p;
  offset_s = offset;
  return after;
}

const char* scan_optional_fraction(const char* p, const char* end, std::int32_t& nanosecond) {
  if (end - p < 2 || (*p != '.' && *p != ',') || !is_digit(p[1])) return p;
  std::int32_t value = 0;
  int digits = 0;
  for (++p; p != end && is_digit(*p); ++p) {
    if (digits == 9) continue;
    value = value * 10 + (*p - '0');
    ++digits;
  }
  for (; digits < 9; ++digits) value *= 10;
  nanosecond = value;
  return p;
}

}  // namespace lynxdb::event
