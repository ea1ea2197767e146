// The keys of the configuration file and what their values must look like.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::config {

enum class KeyType : std::uint8_t {
  kString,
  kBool,      // true/false, yes/no, 1/0
  kInteger,   // Not negative.
  kBytes,     // 512, 64mb, 1gib
  kDuration,  // 30s, 7d; 0 = off
  kList,      // A YAML list, or words separated by commas.
  kChoice,    // One of `choices`, which are separated by '|'.
};

struct SettingKey {
  std::string_view name;
  KeyType type = KeyType::kString;
  std::string_view choices{};
};

std::span<const SettingKey> setting_keys();
const SettingKey* find_setting_key(std::string_view name);

// kInvalidArgument when `value` is no value of the key.
Result<> check_setting(const SettingKey& key, std::string_view value);

// true/1/yes/on, false/0/no/off; any case.
std::optional<bool> parse_bool(std::string_view text);
// "UTC", "Z", "+02:00", "-0530": seconds east of UTC.
std::optional<std::int32_t> parse_zone_offset(std::string_view text);

}  // namespace lynxdb::config
