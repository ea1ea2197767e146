// A YAML file of settings as flat pairs: nested maps become dotted keys.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lynxdb::config {

struct YamlSetting {
  std::string key;       // "storage.compression"
  std::string value;     // Scalars as written; lists joined by commas.
  std::size_t line = 0;  // From 1.
};

// In file order. Errors: kIo (not readable), kInvalidArgument (no YAML map; names file and line).
Result<std::vector<YamlSetting>> read_yaml_settings(const std::string& path);

}  // namespace lynxdb::config
