#include "config/setting_keys.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <vector>

#include "base/units.h"
#include "config/values.h"

namespace lynxdb::config {
namespace {

using enum KeyType;

// Short flags of the server and the keys that they set.
struct FlagName {
  std::string_view flag;
  std::string_view key;
};
constexpr FlagName kFlagNames[] = {
    {"addr", "listen"},
    {"auth", "auth.enabled"},
    {"tls", "tls.enabled"},
    {"tls-cert", "tls.cert_file"},
    {"tls-key", "tls.key_file"},
    {"s3-bucket", "storage.s3_bucket"},
    {"s3-region", "storage.s3_region"},
    {"s3-prefix", "storage.s3_prefix"},
    {"compaction-interval", "storage.compaction_interval"},
    {"tiering-interval", "storage.tiering_interval"},
    {"max-query-pool", "query.global_query_pool_bytes"},
    {"cache-max-mb", "storage.cache_max_bytes"},
    {"spill-dir", "query.spill_dir"},
    {"cluster.role", "cluster.roles"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

bool is_within(const SettingKey& key, std::uint64_t value) {
  return key.min <= value && value <= key.max;
}

bool is_list(const SettingKey& key, std::string_view value) {
  if (key.choices.empty()) return true;
  const std::vector<std::string> words = split_list(value);
  return std::ranges::all_of(words,
                             [&](const std::string& word) { return is_choice(key.choices, word); });
}

bool fits(const SettingKey& key, std::string_view value) {
  switch (key.type) {
    case kString:
      return true;
    case kList:
      return is_list(key, value);
    case kBool:
      return parse_bool(value).has_value();
    case kInteger: {
      const std::optional<std::uint64_t> number = parse_unsigned(value);
      return number && is_within(key, *number);
    }
    case kBytes: {
      const Result<std::uint64_t> bytes = base::parse_size_bytes(value);
      return bytes.has_value() && is_within(key, *bytes);
    }
    case kDuration: {
      const Result<std::chrono::nanoseconds> duration = base::parse_duration_setting(value);
      return duration.has_value() && is_within(key, static_cast<std::uint64_t>(duration->count()));
    }
    case kChoice:
      return is_choice(key.choices, value);
    case kAddress:
      return (value.empty() && key.otherwise.empty()) ||
             parse_address(value, default_port(key)).has_value();
    case kZone:
      return parse_zone_offset(value).has_value();
  }
  return false;
}

std::string spaced(std::string_view choices) {
  std::string words(choices);
  std::ranges::replace(words, '|', ' ');
  return words;
}

// " from 1 to 100", " of at least 1kb", or nothing.
std::string bounds(const SettingKey& key, std::string (*text)(std::uint64_t)) {
  const bool has_max = key.max != SettingKey{}.max;
  if (has_max) return " from " + text(key.min) + " to " + text(key.max);
  return key.min == 0 ? "" : " of at least " + text(key.min);
}

std::string duration_bound(std::uint64_t ns) {
  return base::duration_text(static_cast<std::int64_t>(ns));
}
std::string number_bound(std::uint64_t number) { return std::to_string(number); }

std::string expected(const SettingKey& key) {
  switch (key.type) {
    case kBool:
      return "true or false";
    case kInteger:
      return "a whole number" + bounds(key, number_bound);
    case kBytes:
      return "a size such as 64mb" + bounds(key, base::size_text);
    case kDuration:
      return "a duration such as 30s" + bounds(key, duration_bound);
    case kChoice:
      return "one of: " + spaced(key.choices);
    case kList:
      return "a list of: " + spaced(key.choices);
    case kAddress:
      return "an address such as 0.0.0.0:3100";
    case kZone:
      return "UTC or an offset such as +02:00";
    case kString:
      break;
  }
  return "text";
}

}  // namespace

const SettingKey* find_setting_key(std::string_view name) {
  const std::span<const SettingKey> keys = setting_keys();
  const auto found = std::ranges::find(keys, name, &SettingKey::name);
  return found == keys.end() ? nullptr : &*found;
}

std::optional<std::uint16_t> default_port(const SettingKey& key) {
  const std::optional<Address> address = parse_address(key.otherwise);
  return address ? std::optional(address->port) : std::nullopt;
}

std::string environment_name(std::string_view key) {
  std::string name = "LYNXDB_";
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string_view> flag_names() {
  std::vector<std::string_view> names;
  for (const FlagName& known : kFlagNames) names.push_back(known.flag);
  for (const SettingKey& key : setting_keys()) names.push_back(key.name);
  return names;
}

std::optional<std::string> key_of_flag(std::string_view flag) {
  for (const FlagName& known : kFlagNames)
    if (known.flag == flag) return std::string(known.key);
  std::string key(flag);
  std::ranges::replace(key, '-', '_');
  if (find_setting_key(key) == nullptr) return std::nullopt;
  return key;
}

std::string value_of_flag(std::string_view flag, std::string_view value) {
  std::string text(value);
  if (flag.ends_with("-mb") && parse_unsigned(value)) text += "mb";
  return text;
}

Result<> check_setting(const SettingKey& key, std::string_view value) {
  if (fits(key, value)) return {};
  if (key.type == kAddress && parse_unsigned(value))
    return Error{ErrorCode::kInvalidArgument,
                 "'" + std::string(value) + "' is no value of " + std::string(key.name) +
                     ": an address has a host, or a colon",
                 "write localhost:" + std::string(value) + ", or :" + std::string(value) +
                     " for all interfaces"};
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(value) + "' is no value of " + std::string(key.name),
               "expected " + expected(key)};
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(text);
  for (const std::string_view yes : {"true", "1", "yes", "on"})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "0", "no", "off"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<std::int32_t> parse_zone_offset(std::string_view text) {
  const std::string zone = lower(text);
  if (zone == "utc" || zone == "z" || zone == "gmt") return 0;
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  std::string digits = zone.substr(1);
  std::erase(digits, ':');
  if (digits.size() == 2) digits += "00";
  const std::optional<std::uint64_t> hhmm =
      digits.size() == 4 ? parse_unsigned(digits) : std::nullopt;
  if (!hhmm || *hhmm / 100 > 14 || *hhmm % 100 > 59) return std::nullopt;
  const auto seconds = static_cast<std::int32_t>(*hhmm / 100 * 3600 + *hhmm % 100 * 60);
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace lynxdb::config
