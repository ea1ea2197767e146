#include "event/time/time_format.h"

#include <array>

#include "base/check.h"
#include "event/time/civil.h"
#include "event/time/time_scan.h"

namespace lynxdb::event {
namespace {

void append_padded(std::int64_t value, int width, char pad, std::string& out) {
  std::array<char, 24> digits{};
  std::size_t n = 0;
  std::uint64_t rest =
      value < 0 ? 0U - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  do {
    digits[n++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) out.push_back('-');
  for (std::size_t i = n; i < static_cast<std::size_t>(width); ++i) out.push_back(pad);
  while (n > 0) out.push_back(digits[--n]);
}

void append_number(std::int64_t value, int width, std::string& out) {
  append_padded(value, width, '0', out);
}

std::int32_t hour_of_12(std::int32_t hour) { return hour % 12 == 0 ? 12 : hour % 12; }

// Formats of one moment; `days` is shared by the codes that need a weekday.
class Writer {
 public:
  Writer(std::int64_t ns, std::string& out)
      : ns_(ns), civil_(civil_of(ns)), days_(days_of(ns)), out_(out) {}

  void write(std::string_view format);

 private:
  bool date_code(char code);
  bool clock_code(char code);
  bool name_code(char code);

  std::int64_t ns_;
  CivilTime civil_;
  std::int64_t days_;
  std::string& out_;
};

bool Writer::date_code(char code) {
  switch (code) {
    case 'Y':
      append_number(civil_.year, 4, out_);
      return true;
    case 'y':
      append_number(civil_.year % 100, 2, out_);
      return true;
    case 'm':
      append_number(civil_.month, 2, out_);
      return true;
    case 'd':
      append_number(civil_.day, 2, out_);
      return true;
    case 'e':
      append_padded(civil_.day, 2, ' ', out_);
      return true;
    case 'j':
      append_number(day_of_year(civil_), 3, out_);
      return true;
    case 'u':
      append_number(day_of_week(days_) == 0 ? 7 : day_of_week(days_), 1, out_);
      return true;
    case 'w':
      append_number(day_of_week(days_), 1, out_);
      return true;
    case 'V':
      append_number(iso_week(days_), 2, out_);
      return true;
    case 'F':
      write("%Y-%m-%d");
      return true;
    case 'D':
      write("%m/%d/%y");
      return true;
    default:
      return false;
  }
}

bool Writer::clock_code(char code) {
  switch (code) {
    case 'H':
      append_number(civil_.hour, 2, out_);
      return true;
    case 'I':
      append_number(hour_of_12(civil_.hour), 2, out_);
      return true;
    case 'M':
      append_number(civil_.minute, 2, out_);
      return true;
    case 'S':
      append_number(civil_.second, 2, out_);
      return true;
    case 'f':
      append_number(civil_.nanosecond / 1000, 6, out_);
      return true;
    case 'L':
      append_number(civil_.nanosecond / 1'000'000, 3, out_);
      return true;
    case 'N':
      append_number(civil_.nanosecond, 9, out_);
      return true;
    case 's':
      append_number(ns_ / kNsPerSecond - (ns_ % kNsPerSecond < 0 ? 1 : 0), 1, out_);
      return true;
    case 'T':
      write("%H:%M:%S");
      return true;
    case 'R':
      write("%H:%M");
      return true;
    default:
      return false;
  }
}

bool Writer::name_code(char code) {
  switch (code) {
    case 'p':
      out_ += civil_.hour < 12 ? "AM" : "PM";
      return true;
    case 'a':
      out_ += weekday_name(day_of_week(days_)).substr(0, 3);
      return true;
    case 'A':
      out_ += weekday_name(day_of_week(days_));
      return true;
    case 'b':
      out_ += month_name(civil_.month).substr(0, 3);
      return true;
    case 'B':
      out_ += month_name(civil_.month);
      return true;
    case 'Z':
      out_ += "UTC";
      return true;
    case 'z':
      out_ += "+0000";
      return true;
    case 'c':
      write("%a %b %e %H:%M:%S %Y");
      return true;
    case '%':
      out_.push_back('%');
      return true;
    default:
      return false;
  }
}

void Writer::write(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out_.push_back(format[i]);
      continue;
    }
    const char code = format[i + 1];
    const bool sub_second = (code == '3' || code == '6' || code == '9') && i + 2 < format.size() &&
                            format[i + 2] == 'N';
    if (sub_second) {
      const std::int32_t divisor = code == '3' ? 1'000'000 : code == '6' ? 1'000 : 1;
      append_number(civil_.nanosecond / divisor, code - '0', out_);
      i += 2;
    } else if (date_code(code) || clock_code(code) || name_code(code)) {
      ++i;
    } else {
      out_.push_back('%');  // Unknown codes stay as they are.
    }
  }
}

// Reads a text by a format. Each code consumes what it needs or fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool read(std::string_view format, int depth = 0);
  bool ends() {
    skip_spaces();
    return at_ == end_;
  }
  std::optional<std::int64_t> result() const;

 private:
  void skip_spaces() {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }
  bool number(int digits_max, std::int32_t min, std::int32_t max, std::int32_t& out);
  bool fraction(int digits_max);
  bool epoch();
  bool word(bool is_month);
  bool meridiem();
  bool zone_offset();
  bool zone_name();
  bool code(char c, int depth);
  bool date_code(char c, int depth, bool& known);
  bool clock_code(char c, int depth, bool& known);

  const char* at_;
  const char* end_;
  CivilTime civil_;
  std::int32_t zone_offset_s_ = 0;
  std::int32_t day_of_year_ = 0;
  std::int32_t ignored_ = 0;
  std::optional<std::int64_t> epoch_s_;
  std::optional<bool> is_pm_;
};

bool Reader::number(int digits_max, std::int32_t min, std::int32_t max, std::int32_t& out) {
  skip_spaces();
  std::int32_t value = 0;
  int digits = 0;
  while (at_ != end_ && is_digit(*at_) && digits < digits_max) {
    value = value * 10 + (*at_++ - '0');
    ++digits;
  }
  if (digits == 0 || value < min || value > max) return false;
  out = value;
  return true;
}

bool Reader::fraction(int digits_max) {
  std::int64_t value = 0;
  int digits = 0;
  while (at_ != end_ && is_digit(*at_) && digits < digits_max) {
    value = value * 10 + (*at_++ - '0');
    ++digits;
  }
  if (digits == 0) return false;
  // They are digits after a point: "7" is seven tenths, whatever the code's width.
  for (int i = digits; i < 9; ++i) value *= 10;
  civil_.nanosecond = static_cast<std::int32_t>(value);
  return true;
}

bool Reader::epoch() {
  skip_spaces();
  std::int64_t value = 0;
  int digits = 0;
  while (at_ != end_ && is_digit(*at_) && digits < 11) {
    value = value * 10 + (*at_++ - '0');
    ++digits;
  }
  epoch_s_ = value;
  return digits > 0;
}

bool Reader::word(bool is_month) {
  skip_spaces();
  const char* begin = at_;
  while (at_ != end_ && is_alpha(*at_)) ++at_;
  const std::string_view name(begin, static_cast<std::size_t>(at_ - begin));
  if (!is_month) return weekday_of_name(name) >= 0;
  civil_.month = month_of_name(name);
  return civil_.month > 0;
}

bool Reader::meridiem() {
  skip_spaces();
  if (end_ - at_ < 2 || (at_[1] | 0x20) != 'm') return false;
  const int first = at_[0] | 0x20;
  if (first != 'a' && first != 'p') return false;
  is_pm_ = first == 'p';
  at_ += 2;
  return true;
}

bool Reader::zone_offset() {
  skip_spaces();
  const char* after = scan_zone_offset(at_, end_, zone_offset_s_);
  if (after == nullptr) return false;
  at_ = after;
  return true;
}

bool Reader::zone_name() {
  skip_spaces();
  const char* after = scan_zone_name(at_, end_);
  if (after == nullptr) return false;
  at_ = after;
  zone_offset_s_ = 0;
  return true;
}

bool Reader::date_code(char c, int depth, bool& known) {
  switch (c) {
    case 'Y':
      return number(4, 0, 9999, civil_.year);
    case 'y':
      if (!number(2, 0, 99, civil_.year)) return false;
      civil_.year = year_of_two_digits(civil_.year);
      return true;
    case 'm':
      return number(2, 1, 12, civil_.month);
    case 'd':
    case 'e':
      return number(2, 1, 31, civil_.day);
    case 'j':
      return number(3, 1, 366, day_of_year_);
    case 'u':
      return number(1, 1, 7, ignored_);
    case 'w':
      return number(1, 0, 6, ignored_);
    case 'V':
      return number(2, 1, 53, ignored_);
    case 'a':
    case 'A':
      return word(false);
    case 'b':
    case 'B':
      return word(true);
    case 'F':
      return read("%Y-%m-%d", depth + 1);
    case 'D':
      return read("%m/%d/%y", depth + 1);
    default:
      known = false;
      return false;
  }
}

bool Reader::clock_code(char c, int depth, bool& known) {
  switch (c) {
    case 'H':
      return number(2, 0, 23, civil_.hour);
    case 'I':
      return number(2, 1, 12, civil_.hour);
    case 'M':
      return number(2, 0, 59, civil_.minute);
    case 'S':
      return number(2, 0, 60, civil_.second);
    case 'f':
      return fraction(9);
    case 'L':
      return fraction(3);
    case 'N':
      return fraction(9);
    case 'p':
      return meridiem();
    case 's':
      return epoch();
    case 'z':
      return zone_offset();
    case 'Z':
      return zone_name();
    case 'T':
      return read("%H:%M:%S", depth + 1);
    case 'R':
      return read("%H:%M", depth + 1);
    case 'c':
      return read("%a %b %e %H:%M:%S %Y", depth + 1);
    default:
      known = false;
      return false;
  }
}

bool Reader::code(char c, int depth) {
  bool known = true;
  const bool fits = date_code(c, depth, known);
  if (known) return fits;
  known = true;
  const bool clock_fits = clock_code(c, depth, known);
  if (known) return clock_fits;
  // %% and unknown codes stand for themselves.
  if (at_ == end_ || *at_ != '%') return false;
  ++at_;
  if (c == '%') return true;
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool Reader::read(std::string_view format, int depth) {
  LYNXDB_DCHECK(depth <= 1);  // Composite codes hold simple ones only.
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (is_space(c)) {
      skip_spaces();
      continue;
    }
    if (c != '%' || i + 1 == format.size()) {
      if (at_ == end_ || *at_ != c) return false;
      ++at_;
      continue;
    }
    const char next = format[++i];
    const bool sub_second = (next == '3' || next == '6' || next == '9') && i + 1 < format.size() &&
                            format[i + 1] == 'N';
    if (sub_second) {
      if (!fraction(next - '0')) return false;
      ++i;
    } else if (!code(next, depth)) {
      return false;
    }
  }
  return true;
}

std::optional<std::int64_t> Reader::result() const {
  if (epoch_s_) {
    if (*epoch_s_ > kEpochSecondsMax) return std::nullopt;
    return *epoch_s_ * kNsPerSecond + civil_.nanosecond;
  }
  CivilTime civil = civil_;
  if (is_pm_) {
    if (civil.hour > 12) return std::nullopt;
    civil.hour = civil.hour % 12 + (*is_pm_ ? 12 : 0);
  }
  if (day_of_year_ == 0) return ns_of(civil, zone_offset_s_);
  if (day_of_year_ == 366 && !is_leap_year(civil.year)) return std::nullopt;
  const std::int64_t days = days_from_civil(civil.year, 1, 1) + day_of_year_ - 1;
  if (civil.year < 1969 || civil.year > 2263) return std::nullopt;
  const CivilTime date = date_of_days(days);
  civil.month = date.month;
  civil.day = date.day;
  return ns_of(civil, zone_offset_s_);
}

}  // namespace

void append_time(std::int64_t ns, std::string_view format, std::string& out) {
  Writer(ns, out).write(format);
}

std::string format_time(std::int64_t ns, std::string_view format) {
  std::string out;
  append_time(ns, format, out);
  return out;
}

std::optional<std::int64_t> parse_time(std::string_view text, std::string_view format) {
  Reader reader(text);
  if (!reader.read(format) || !reader.ends()) return std::nullopt;
  return reader.result();
}

}  // namespace lynxdb::event
