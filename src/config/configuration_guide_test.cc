// The guide's page lists every key with its default and what it is for, and no other keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "config/setting_keys.h"

namespace lynxdb::config {
namespace {

// Rows of tables by the key in their first cell: "| `listen` | address | ... |".
std::map<std::string, std::string> rows_of_the_page() {
  std::ifstream file(LYNXDB_SOURCE_DIR "/docs/guide/configuration.md");
  std::map<std::string, std::string> rows;
  bool in_keys = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "## Keys") in_keys = true;
    if (!in_keys || !line.starts_with("| `")) continue;
    if (line.find("` | ") == std::string::npos && line.find("` ↻ | ") == std::string::npos)
      continue;
    rows[line.substr(3, line.find('`', 3) - 3)] = line;
  }
  return rows;
}

TEST(ConfigurationGuide, ListsEveryKeyAsItIs) {
  auto rows = rows_of_the_page();
  for (const SettingKey& key : setting_keys()) {
    const std::string& row = rows[std::string(key.name)];
    EXPECT_FALSE(row.empty()) << key.name;
    const std::string otherwise =
        key.otherwise.empty() ? "\"\"" : "`" + std::string(key.otherwise) + "`";
    EXPECT_THAT(row, testing::HasSubstr(" | " + otherwise + " | ")) << key.name;
    EXPECT_THAT(row, testing::HasSubstr(std::string(key.about))) << key.name;
    EXPECT_EQ(row.find("↻") != std::string::npos, key.reloads) << key.name;
  }
}

TEST(ConfigurationGuide, ListsNoKeyThatDoesNotExist) {
  for (const auto& [name, row] : rows_of_the_page()) {
    if (name == "none" || name == "write" || name == "fsync") continue;  // Another table.
    EXPECT_NE(find_setting_key(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace lynxdb::config
