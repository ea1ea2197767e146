// The functions of 5.2.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <functional>
#include <map>
#include <regex>
#include <set>

#include "tests/oracle/expression.h"

namespace lynxdb::oracle {
namespace {

using Args = std::vector<Value>;

// Code points of UTF-8 text.
std::vector<std::string> characters(const std::string& s) {
  std::vector<std::string> result;
  for (const char c : s) {
    if (result.empty() || (static_cast<unsigned char>(c) & 0xc0U) != 0x80U) result.emplace_back();
    result.back() += c;
  }
  return result;
}

Value each_text(const Value& v, const std::function<std::string(const std::string&)>& f) {
  return each(v, [&](const Value& element) { return Value::of_string(f(text_form(element))); });
}

Value each_number(const Value& v, const std::function<Value(const Value&)>& f) {
  return each(v, [&](const Value& element) {
    const Value x = operand(element);
    return x.is_null() ? Value() : f(x);
  });
}

Value each_double(const Value& v, const std::function<double(double)>& f) {
  return each_number(v, [&](const Value& x) { return Value::of_float(f(to_double(x))); });
}

Value any(const Args& args,
          const std::function<bool(const std::string&, const std::string&)>& fits) {
  if (args[0].is_null() || args[1].is_null()) return {};
  for (const Value& element : elements(args[0]))
    if (fits(text_form(element), text_form(args[1]))) return Value::of_bool(true);
  return Value::of_bool(false);
}

Value int_if_it_fits(double d) {
  if (d >= -9223372036854775808.0 && d < 9223372036854775808.0)
    return Value::of_int(static_cast<std::int64_t>(d));
  return Value::of_float(d);
}

// As on paper: the shortest text of the number, cut, and one more in its last place for a 5.
double round_in_writing(double x, std::int64_t digits) {
  char buffer[32];  // d.ddde+xx
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, std::fabs(x), std::chars_format::scientific)
          .ptr;
  std::string fraction(buffer, end - buffer);
  const int exponent = std::stoi(fraction.substr(fraction.find('e') + 1));
  fraction.resize(fraction.find('e'));
  fraction.erase(std::remove(fraction.begin(), fraction.end(), '.'), fraction.end());
  if (exponent < 0) fraction.insert(0, static_cast<std::size_t>(-exponent), '0');
  const auto point_at = static_cast<std::size_t>(std::max(exponent, 0)) + 1;
  if (fraction.size() < point_at) fraction.append(point_at - fraction.size(), '0');
  std::string whole = fraction.substr(0, point_at);
  fraction.erase(0, point_at);
  const auto places = static_cast<std::size_t>(std::llabs(digits));
  if (whole.size() <= places) whole.insert(0, places + 1 - whole.size(), '0');
  if (fraction.size() <= places) fraction.append(places + 1 - fraction.size(), '0');
  // All digits in a row, of which the first `kept` stay.
  const std::size_t kept = digits < 0 ? whole.size() - places : whole.size() + places;
  const std::size_t point = whole.size();
  std::string all = "0" + whole + fraction;
  const bool up = all[kept + 1] >= '5';
  for (std::size_t i = kept + 1; i < all.size(); ++i) all[i] = '0';
  for (std::size_t i = kept; up; --i) {
    all[i] = all[i] == '9' ? '0' : static_cast<char>(all[i] + 1);
    if (all[i] != '0') break;
  }
  return std::copysign(std::stod(all.substr(0, point + 1) + "." + all.substr(point + 1)), x);
}

Value round_to(const Value& x, std::int64_t digits) {
  if (x.kind == Kind::kInt && digits == 0) return x;
  if (x.kind == Kind::kInt && digits > 0) return Value::of_float(to_double(x));
  if (x.kind == Kind::kInt) {
    __int128 unit = 1;
    // Beyond 10^20 every int goes to 0.
    for (std::int64_t i = std::max<std::int64_t>(digits, -20); i < 0; ++i) unit *= 10;
    const __int128 away = x.integer < 0 ? -unit / 2 : unit / 2;
    const __int128 whole = (x.integer + away) / unit * unit;
    const auto narrow = static_cast<std::int64_t>(whole);
    return narrow == whole ? Value::of_int(narrow) : Value::of_float(static_cast<double>(whole));
  }
  const double rounded = round_in_writing(to_double(x), digits);
  return digits > 0 ? Value::of_float(rounded) : int_if_it_fits(rounded);
}

std::string substring(const std::string& s, std::int64_t start, std::optional<std::int64_t> count) {
  const std::vector<std::string> all = characters(s);
  const auto size = static_cast<std::int64_t>(all.size());
  std::int64_t first = start > 0    ? start - 1
                       : start == 0 ? 0
                                    : std::max<std::int64_t>(0, size + start);
  std::int64_t last = count ? std::min(size, first + *count) : size;
  std::string result;
  for (; first < last; ++first) result += all[static_cast<std::size_t>(first)];
  return result;
}

std::string trim(std::string s, const std::string& set, bool left, bool right) {
  if (right) s.erase(s.find_last_not_of(set) + 1);
  if (left) s.erase(0, std::min(s.find_first_not_of(set), s.size()));
  return s;
}

Value trim_call(const Args& args, bool left, bool right) {
  if (args.size() > 1 && args[1].is_null()) return {};
  const std::string set = args.size() > 1 ? text_form(args[1]) : " \t\n\r\v\f";
  return each_text(args[0], [&](const std::string& s) { return trim(s, set, left, right); });
}

Value split(const std::string& s, const std::string& delimiter) {
  std::vector<Value> parts;
  if (delimiter.empty()) {
    for (const std::string& c : characters(s)) parts.push_back(Value::of_string(c));
    return Value::of_list(parts);
  }
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = s.find(delimiter, begin);
    parts.push_back(Value::of_string(
        std::string_view(s).substr(begin, end == std::string::npos ? end : end - begin)));
    if (end == std::string::npos) return Value::of_list(parts);
    begin = end + delimiter.size();
  }
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string format_time(std::int64_t ns, const std::string& format) {
  const std::time_t seconds = floor_div(ns, 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char buffer[256];
  const std::size_t size = std::strftime(buffer, sizeof buffer, format.c_str(), &parts);
  return {buffer, size};
}

// "5m", "1h", "30s", "1d": the spans the generator writes.
std::int64_t span_ns(const std::string& text) {
  std::size_t used = 0;
  const std::int64_t count = std::stoll(text, &used);
  static const std::map<std::string, std::int64_t> kUnits = {
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
  return count * kUnits.at(text.substr(used)) * 1'000'000'000;
}

std::string type_name(const Value& v) {
  switch (v.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return "string";
    case Kind::kTime:
      return "timestamp";
    case Kind::kList:
      return "list";
  }
  return "";
}

Value extreme(const Args& args, bool largest) {
  Value best;
  for (const Value& arg : args)
    for (const Value& v : elements(arg)) {
      const int order = best.is_null() ? 0 : sort_order(v, best);
      if (best.is_null() || (largest ? order > 0 : order < 0)) best = v;
    }
  return best;
}

Value to_number(const Args& args) {
  return each(args[0], [&](const Value& v) {
    if (args.size() == 1) return operand(v);
    const std::string text = text_form(v);
    const auto base = static_cast<int>(to_double(args[1]));
    std::size_t used = 0;
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0;
        }))
      return Value();
    try {
      const long long number = std::stoll(text, &used, base);
      return used == text.size() ? Value::of_int(number) : Value();
    } catch (const std::exception&) {
      return Value();
    }
  });
}

Value mvdedup(const Value& v) {
  if (v.kind != Kind::kList) return v;
  std::vector<Value> kept;
  std::set<std::string> seen;
  for (const Value& element : elements(v))
    if (seen.insert(text_form(element)).second) kept.push_back(element);
  return Value::of_list(kept);
}

Value mvindex(const Args& args) {
  if (args[0].is_null()) return {};
  const std::vector<Value> all = elements(args[0]);
  const auto size = static_cast<std::int64_t>(all.size());
  const auto place = [&](const Value& v) { return v.integer < 0 ? v.integer + size : v.integer; };
  const std::int64_t first = place(args[1]);
  if (args.size() == 2)
    return first >= 0 && first < size ? all[static_cast<std::size_t>(first)] : Value();
  const std::int64_t last = place(args[2]);
  std::vector<Value> kept;
  for (std::int64_t i = 0; i < size; ++i)
    if (i >= first && i <= last) kept.push_back(all[static_cast<std::size_t>(i)]);
  return Value::of_list(kept);
}

std::optional<std::uint32_t> ipv4(const std::string& text) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &used) != 4)
    return std::nullopt;
  if (static_cast<std::size_t>(used) != text.size() || a > 255 || b > 255 || c > 255 || d > 255)
    return std::nullopt;
  return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

bool cidr_match(const std::string& cidr, const std::string& ip) {
  const std::size_t slash = cidr.find('/');
  const auto network = ipv4(cidr.substr(0, slash));
  const auto address = ipv4(ip);
  if (!network || !address) return false;
  const int bits = std::stoi(cidr.substr(slash + 1));
  return bits == 0 || (*network >> (32 - bits)) == (*address >> (32 - bits));
}

// Functions for which null is a value like any other.
std::optional<Value> null_aware(const std::string& name, const Args& args) {
  if (name == "if") return truth(args[0]).value_or(false) ? args[1] : args[2];
  if (name == "case") {
    for (std::size_t i = 0; i + 1 < args.size(); i += 2)
      if (truth(args[i]).value_or(false)) return args[i + 1];
    return args.size() % 2 == 1 ? args.back() : Value();
  }
  if (name == "coalesce") {
    for (const Value& arg : args)
      if (!arg.is_null()) return arg;
    return Value();
  }
  if (name == "null") return Value();
  if (name == "isnull") return Value::of_bool(args[0].is_null());
  if (name == "isnotnull") return Value::of_bool(!args[0].is_null());
  if (name == "isnum") return Value::of_bool(single(args[0]).is_number());
  if (name == "isint") return Value::of_bool(single(args[0]).kind == Kind::kInt);
  if (name == "isstr") return Value::of_bool(single(args[0]).kind == Kind::kString);
  if (name == "isbool") return Value::of_bool(single(args[0]).kind == Kind::kBool);
  if (name == "ismv") return Value::of_bool(single(args[0]).kind == Kind::kList);
  if (name == "typeof") return Value::of_string(type_name(single(args[0])));
  if (name == "max" || name == "min") return extreme(args, name == "max");
  if (name == "mvcount") return Value::of_int(static_cast<std::int64_t>(elements(args[0]).size()));
  if (name == "mvappend") return Value::of_list(args);
  return std::nullopt;
}

Value power(const Value& x, const Value& y) {
  return Value::of_float(std::pow(to_double(x), to_double(y)));
}

// lower() and upper() know all letters; the events hold those of Latin-1 at most: two bytes, C3
// first.
bool ends_latin_letter(const std::string& s, std::size_t i, unsigned char first) {
  const auto byte = static_cast<unsigned char>(s[i]);
  constexpr unsigned char kTimesSign =
      0x17;  // And the sign of division; behind them comes sharp s.
  return i > 0 && s[i - 1] == '\xc3' && byte >= first && byte <= first + 0x1e &&
         byte != first + kTimesSign;
}

std::string lower_letters(std::string s) {
  s = lower_case(s);
  for (std::size_t i = 0; i < s.size(); ++i)
    if (ends_latin_letter(s, i, 0x80)) s[i] = static_cast<char>(s[i] + 0x20);
  return s;
}

std::string upper_letters(std::string s) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    const bool ascii = s[i] >= 'a' && s[i] <= 'z';
    if (ascii || ends_latin_letter(s, i, 0xa0)) s[i] = static_cast<char>(s[i] - 0x20);
  }
  return s;
}

using Function = std::function<Value(const Args&)>;

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> kFunctions = {
      {"nullif",
       [](const Args& a) {
         return compare(Comparison::kEq, a[0], a[1]).value_or(false) ? Value() : a[0];
       }},
      {"tonumber", to_number},
      {"tostring", [](const Args& a) { return Value::of_string(text_form(a[0])); }},
      {"lower", [](const Args& a) { return each_text(a[0], lower_letters); }},
      {"upper", [](const Args& a) { return each_text(a[0], upper_letters); }},
      {"trim", [](const Args& a) { return trim_call(a, true, true); }},
      {"ltrim", [](const Args& a) { return trim_call(a, true, false); }},
      {"rtrim", [](const Args& a) { return trim_call(a, false, true); }},
      {"len",
       [](const Args& a) {
         return each(a[0], [](const Value& v) {
           return Value::of_int(static_cast<std::int64_t>(characters(text_form(v)).size()));
         });
       }},
      {"substr",
       [](const Args& a) {
         return each_text(a[0], [&](const std::string& s) {
           return substring(s, a[1].integer,
                            a.size() > 2 ? std::optional(a[2].integer) : std::nullopt);
         });
       }},
      {"replace",
       [](const Args& a) {
         return each_text(a[0], [&](const std::string& s) {
           return std::regex_replace(s, std::regex(text_form(a[1])), text_form(a[2]));
         });
       }},
      {"match",
       [](const Args& a) {
         return any(a, [](const std::string& s, const std::string& re) {
           return std::regex_search(s, std::regex(re));
         });
       }},
      {"like",
       [](const Args& a) {
         return any(a,
                    [](const std::string& s, const std::string& p) { return like(s, p, false); });
       }},
      {"ilike",
       [](const Args& a) {
         return any(a, [](const std::string& s, const std::string& p) { return like(s, p, true); });
       }},
      {"startswith",
       [](const Args& a) {
         return any(a, [](const std::string& s, const std::string& x) { return s.starts_with(x); });
       }},
      {"endswith",
       [](const Args& a) {
         return any(a, [](const std::string& s, const std::string& x) { return s.ends_with(x); });
       }},
      {"contains",
       [](const Args& a) {
         return any(a, [](const std::string& s, const std::string& x) {
           return s.find(x) != std::string::npos;
         });
       }},
      {"split",
       [](const Args& a) {
         return each(a[0], [&](const Value& v) { return split(text_form(v), text_form(a[1])); });
       }},
      {"abs",
       [](const Args& a) {
         return each_number(a[0], [](const Value& x) {
           if (x.kind == Kind::kFloat) return Value::of_float(std::fabs(x.number));
           return x.integer == INT64_MIN ? Value::of_float(9223372036854775808.0)
                                         : Value::of_int(std::llabs(x.integer));
         });
       }},
      {"ceil",
       [](const Args& a) {
         return each_number(a[0], [](const Value& x) {
           return x.kind == Kind::kInt ? x : int_if_it_fits(std::ceil(x.number));
         });
       }},
      {"floor",
       [](const Args& a) {
         return each_number(a[0], [](const Value& x) {
           return x.kind == Kind::kInt ? x : int_if_it_fits(std::floor(x.number));
         });
       }},
      {"round",
       [](const Args& a) {
         return each_number(
             a[0], [&](const Value& x) { return round_to(x, a.size() > 1 ? a[1].integer : 0); });
       }},
      {"sqrt",
       [](const Args& a) { return each_double(a[0], [](double x) { return std::sqrt(x); }); }},
      {"exp",
       [](const Args& a) { return each_double(a[0], [](double x) { return std::exp(x); }); }},
      {"ln", [](const Args& a) { return each_double(a[0], [](double x) { return std::log(x); }); }},
      {"log",
       [](const Args& a) {
         if (a.size() == 1) return each_double(a[0], [](double x) { return std::log10(x); });
         return each_double(a[0],
                            [&](double x) { return std::log(x) / std::log(to_double(a[1])); });
       }},
      {"pow",
       [](const Args& a) {
         const Value y = operand(a[1]);
         return y.is_null() ? Value()
                            : each_number(a[0], [&](const Value& x) { return power(x, y); });
       }},
      {"strftime",
       [](const Args& a) {
         return each(a[0], [&](const Value& v) {
           const auto ns = as_time(v);
           return ns ? Value::of_string(format_time(*ns, text_form(a[1]))) : Value();
         });
       }},
      {"time_bucket",
       [](const Args& a) {
         return each(a[0], [&](const Value& v) {
           const auto ns = as_time(v);
           return ns ? Value::of_time(floor_time(*ns, span_ns(text_form(a[1])))) : Value();
         });
       }},
      {"cidrmatch",
       [](const Args& a) {
         for (const Value& v : elements(a[1]))
           if (cidr_match(text_form(a[0]), text_form(v))) return Value::of_bool(true);
         return Value::of_bool(false);
       }},
      {"mvjoin",
       [](const Args& a) {
         std::string result;
         bool first = true;
         for (const Value& element : elements(a[0])) {
           result += (first ? "" : text_form(a[1])) + text_form(element);
           first = false;
         }
         return Value::of_string(result);
       }},
      {"mvdedup", [](const Args& a) { return mvdedup(a[0]); }},
      {"mvindex", mvindex},
      {"mvsort",
       [](const Args& a) {
         if (a[0].kind != Kind::kList) return a[0];
         return Value::of_list(sorted(
             elements(a[0]), [](const Value& x, const Value& y) { return sort_order(x, y) < 0; }));
       }},
  };
  return kFunctions;
}

}  // namespace

Value each(const Value& list, const std::function<Value(const Value&)>& f) {
  const Value& v = single(list);
  if (v.kind != Kind::kList) return v.is_null() ? Value() : f(v);
  std::vector<Value> results;
  for (const Value& element : v.list) results.push_back(f(element));
  return Value::of_list(results);
}

Value call_function(const std::string& name, const std::vector<Value>& args,
                    const Context& context) {
  if (name == "now" || name == "time") return Value::of_time(context.now_ns);
  if (auto result = null_aware(name, args)) return *result;
  if (std::any_of(args.begin(), args.end(), [](const Value& v) { return v.is_null(); })) return {};
  const auto function = functions().find(name == "ceiling" ? "ceil" : name);
  // The text of an aggregate's column that rows of another branch do not have.
  if (function == functions().end()) return {};
  return function->second(args);
}

std::string lower_case(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return s;
}

bool like(const std::string& text, const std::string& pattern, bool ignore_case) {
  const std::vector<std::string> t = characters(ignore_case ? lower_case(text) : text);
  const std::vector<std::string> p = characters(ignore_case ? lower_case(pattern) : pattern);
  const std::function<bool(std::size_t, std::size_t)> fits = [&](std::size_t i,
                                                                 std::size_t j) -> bool {
    if (j == p.size()) return i == t.size();
    if (p[j] == "%") return fits(i, j + 1) || (i < t.size() && fits(i + 1, j));
    if (i == t.size()) return false;
    if (p[j] == "_") return fits(i + 1, j + 1);
    if (p[j] == "\\" && j + 1 < p.size() && (p[j + 1] == "%" || p[j + 1] == "_"))
      return t[i] == p[j + 1] && fits(i + 1, j + 2);
    return t[i] == p[j] && fits(i + 1, j + 1);
  };
  return fits(0, 0);
}

std::int64_t floor_time(std::int64_t ns, std::int64_t span_ns) {
  // 1970-01-01 was a Thursday: Mondays are 4 days off.
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t offset = span_ns % (7 * kDay) == 0 ? 4 * kDay : 0;
  return floor_div(ns - offset, span_ns) * span_ns + offset;
}

std::optional<std::int64_t> as_time(const Value& list) {
  const Value& v = single(list);
  if (v.kind == Kind::kTime) return v.integer;
  if (v.kind == Kind::kInt) return v.integer * 1'000'000'000;
  if (v.kind == Kind::kFloat) return std::llround(v.number * 1e9);
  if (v.kind == Kind::kString) return parse_time(v.text);
  return std::nullopt;
}

}  // namespace lynxdb::oracle
