// Where settings come from and who wins; what a wrong file is answered with.
#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/setting_keys.h"

namespace lynxdb::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    std::string name = (fs::temp_directory_path() / "lynxdb-settings-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    // The machine's own files must not be read.
    ::setenv("HOME", directory_.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (directory_ / "xdg").c_str(), 1);
    ::unsetenv("LYNXDB_CONFIG");
  }
  ~SettingsTest() override {
    ::unsetenv("LYNXDB_QUERY_SPILL_DIR");
    ::unsetenv("LYNXDB_CONFIG");
    fs::remove_all(directory_);
  }

  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  Result<Settings> load(std::optional<std::string> path = std::nullopt,
                        const std::string& below = "") const {
    if (path) path = (directory_ / *path).string();
    return Settings::load(path, (directory_ / below).lexically_normal().string());
  }

  fs::path directory_;
};

TEST_F(SettingsTest, AreEmptyWithoutFiles) {
  const auto settings = load();
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->find("default_format"), nullptr);
  EXPECT_EQ(settings->bytes("ingest.max_line_bytes", 7), 7U);
}

TEST_F(SettingsTest, ComeFromNestedAndDottedKeys) {
  put("c.yaml",
      "query:\n  spill_dir: /a\n  max_query_length: 64kb\ningest.max_line_bytes: 2mb\n"
      "profiles:\n  prod:\n    url: http://x\n    token: t\n");
  const auto settings = load("c.yaml");
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->text("query.spill_dir", ""), "/a");
  EXPECT_EQ(settings->bytes("query.max_query_length", 0), 64U << 10U);
  EXPECT_EQ(settings->bytes("ingest.max_line_bytes", 0), 2U << 20U);
  EXPECT_EQ(settings->text("profiles.prod.url", ""), "http://x");
}

TEST_F(SettingsTest, EnvironmentWinsOverClientFileWinsOverConfigFile) {
  put("lynxdb.yaml", "default_format: csv\nquery:\n  spill_dir: /file\n");
  put(".lynxdbrc", "format: table\n");
  ::setenv("LYNXDB_QUERY_SPILL_DIR", "/environment", 1);
  const auto settings = load();
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->text("default_format", ""), "table");
  EXPECT_EQ(settings->text("query.spill_dir", ""), "/environment");
  EXPECT_EQ(settings->find("query.spill_dir")->origin, "LYNXDB_QUERY_SPILL_DIR");
}

TEST_F(SettingsTest, ClientFileIsFoundInAParentDirectory) {
  put(".lynxdbrc", "default_since: 1h\n");
  fs::create_directories(directory_ / "a/b");
  EXPECT_EQ(load(std::nullopt, "a/b")->text("default_since", ""), "1h");
}

TEST_F(SettingsTest, NamedConfigFilesMustExist) {
  EXPECT_THAT(load("none.yaml").error().message, HasSubstr("none.yaml"));
  ::setenv("LYNXDB_CONFIG", "/no/such/file.yaml", 1);
  EXPECT_THAT(load().error().message, HasSubstr("/no/such/file.yaml"));
}

TEST_F(SettingsTest, UnknownKeysAreErrorsWithFileLineAndNearestKey) {
  put("c.yaml", "listen: x\nstorage:\n  compresion: lz4\n");
  const auto settings = load("c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().message, HasSubstr("c.yaml:3: unknown key 'storage.compresion'"));
  EXPECT_EQ(settings.error().suggestion, "did you mean storage.compression?");
}

TEST_F(SettingsTest, BadValuesAreErrorsWithFileAndLine) {
  for (const std::string line :
       {"log_level: loud", "query: {max_concurrent: many}", "retention: soon",
        "tls: {enabled: perhaps}", "storage: {cache_max_bytes: 5 apples}"}) {
    SCOPED_TRACE(line);
    put("c.yaml", "# first\n" + line + "\n");
    const auto settings = load("c.yaml");
    ASSERT_FALSE(settings.has_value());
    EXPECT_THAT(settings.error().message, HasSubstr("c.yaml:2:"));
  }
}

TEST_F(SettingsTest, BrokenYamlIsAnError) {
  for (const std::string text : {"a: [", "- list\n", "just words", "? [a]\n: b\n", "\t\tx: y"}) {
    SCOPED_TRACE(text);
    put("c.yaml", text);
    EXPECT_FALSE(load("c.yaml").has_value());
  }
}

TEST_F(SettingsTest, ClientFileHoldsClientKeysOnly) {
  put(".lynxdbrc", "listen: x\n");
  EXPECT_THAT(load().error().message, HasSubstr(".lynxdbrc:1: unknown key 'listen'"));
}

TEST(ZoneOffset, ReadsUtcAndOffsets) {
  EXPECT_EQ(parse_zone_offset("UTC"), 0);
  EXPECT_EQ(parse_zone_offset("+02:00"), 7200);
  EXPECT_EQ(parse_zone_offset("-0530"), -19800);
  EXPECT_EQ(parse_zone_offset("Europe/Berlin"), std::nullopt);
  EXPECT_EQ(parse_zone_offset("+99:00"), std::nullopt);
}

}  // namespace
}  // namespace lynxdb::config
