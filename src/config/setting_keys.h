// The keys of the configuration: what their values must look like, their defaults, and which of
// them a running server takes over.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  kAddress,   // host:port, :port, or host with the default's port; "" where the default is "".
  kZone,      // UTC or an offset such as +02:00.
};

struct SettingKey {
  std::string_view name;
  KeyType type = KeyType::kString;
  // The value when nobody sets the key, as it would be written. A few defaults depend on the
  // machine or on other keys; `about` says how (server_config.cc computes them).
  std::string_view otherwise{};
  std::string_view about{};    // One sentence for people, without full stop.
  bool reloads = false;        // A running server takes a new value over at once.
  std::string_view choices{};  // Of kChoice; of kList the words that it may hold, when not empty.
  // Inclusive bounds of integers, of sizes in bytes, of durations in ns.
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::int64_t>::max();
};

std::span<const SettingKey> setting_keys();
const SettingKey* find_setting_key(std::string_view name);

// kInvalidArgument when `value` is no value of the key.
Result<> check_setting(const SettingKey& key, std::string_view value);

// The port of an address that names none.
std::optional<std::uint16_t> default_port(const SettingKey& key);

// "LYNXDB_STORAGE_COMPRESSION" of "storage.compression".
std::string environment_name(std::string_view key);
// The key that a flag of the server sets (`storage.compression`, `cluster.node-id`, or a short name
// such as `addr`), without its dashes; nullopt when there is none.
std::optional<std::string> key_of_flag(std::string_view flag);
// What such a flag sets its key to: `--cache-max-mb 64` is 64mb.
std::string value_of_flag(std::string_view flag, std::string_view value);
// The short names, and the keys: what a flag may have been meant to be.
std::vector<std::string_view> flag_names();

// true/1/yes/on, false/0/no/off; any case.
std::optional<bool> parse_bool(std::string_view text);
// "UTC", "Z", "+02:00", "-0530": seconds east of UTC.
std::optional<std::int32_t> parse_zone_offset(std::string_view text);

}  // namespace lynxdb::config
