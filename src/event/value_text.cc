// How values are written: text form, JSON form.
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>

#include "event/value.h"

namespace lynxdb::event {

void append_int(std::int64_t v, std::string& out) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr;
  out.append(buffer.data(), end);
}

void append_float(double v, std::string& out) {
  if (v == 0) {
    out += '0';  // Also for -0.0: equal values have one text.
    return;
  }
  const double magnitude = std::fabs(v);
  const bool exponent = magnitude >= 1e21 || magnitude < 1e-6;
  std::array<char, 64> buffer;
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  out.append(buffer.data(), result.ptr);
}

namespace {

void append_padded(std::int64_t v, int width, std::string& out) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr;
  const auto digits = static_cast<int>(end - buffer.data());
  if (digits < width) out.append(static_cast<std::size_t>(width - digits), '0');
  out.append(buffer.data(), end);
}

}  // namespace

// Date from days by Howard Hinnant's civil_from_days ("chrono-Compatible Low-Level Date
// Algorithms").
void append_timestamp(std::int64_t ns, std::string& out) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  std::int64_t seconds = ns / kNsPerSecond;
  std::int64_t fraction = ns % kNsPerSecond;
  if (fraction < 0) {
    fraction += kNsPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / 86400;
  std::int64_t second_of_day = seconds % 86400;
  if (second_of_day < 0) {
    second_of_day += 86400;
    --days;
  }
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
  const std::int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);

  append_padded(year, 4, out);
  out += '-';
  append_padded(month, 2, out);
  out += '-';
  append_padded(day, 2, out);
  out += 'T';
  append_padded(second_of_day / 3600, 2, out);
  out += ':';
  append_padded(second_of_day / 60 % 60, 2, out);
  out += ':';
  append_padded(second_of_day % 60, 2, out);
  if (fraction != 0) {
    out += '.';
    int width = 9;
    for (; fraction % 10 == 0; fraction /= 10) --width;
    append_padded(fraction, width, out);
  }
  out += 'Z';
}

namespace {

// Length of the valid UTF-8 sequence at `p` (RFC 3629: no overlong forms, no surrogates), or 0.
std::size_t utf8_sequence(const unsigned char* p, std::size_t n) {
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < n && p[i] >= low && p[i] <= high;
  };
  const unsigned lead = p[0];
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_control(unsigned char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4U];
      out += kHex[c & 15U];
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t plain = 0;  // Start of the run that is copied as it stands.
  const auto flush = [&](std::size_t end) { out.append(text.data() + plain, end - plain); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = p[i];
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t length = utf8_sequence(p + i, text.size() - i);
      if (length > 0) {
        i += length;
        continue;
      }
    }
    flush(i);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      append_control(c, out);
    } else {
      out += "\xef\xbf\xbd";  // U+FFFD
    }
    plain = ++i;
  }
  flush(text.size());
  out += '"';
}

void append_text(ValueView value, std::string& out) {
  switch (value.type()) {
    case Type::kNull:
      return;
    case Type::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case Type::kInt:
      append_int(value.as_int(), out);
      return;
    case Type::kFloat:
      append_float(value.as_float(), out);
      return;
    case Type::kTimestamp:
      append_timestamp(value.as_int(), out);
      return;
    case Type::kString:
      out += value.as_string();
      return;
    case Type::kList:
      // A list of one behaves as its element.
      if (value.list_size() == 1) return append_text(value.list_at(0), out);
      return append_json(value, out);
  }
}

std::string text(ValueView value) {
  std::string out;
  append_text(value, out);
  return out;
}

void append_json(ValueView value, std::string& out) {
  switch (value.type()) {
    case Type::kNull:
      out += "null";
      return;
    case Type::kString:
      append_json_string(value.as_string(), out);
      return;
    case Type::kTimestamp:
      out += '"';
      append_timestamp(value.as_int(), out);
      out += '"';
      return;
    case Type::kList:
      out += '[';
      for (std::size_t i = 0; i < value.list_size(); ++i) {
        if (i > 0) out += ',';
        append_json(value.list_at(i), out);
      }
      out += ']';
      return;
    default:
      append_text(value, out);
  }
}

void PrintTo(const Value& value, std::ostream* out) {
  std::string json;
  append_json(value, json);
  *out << to_string(value.type()) << ' ' << json;
}

}  // namespace lynxdb::event
