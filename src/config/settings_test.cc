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

TEST_F(SettingsTest, RefuseAKeyThatIsSetTwice) {
  for (const std::string text :
       {"retention: 1d\nretention: 2d\n", "query: {max_queued: 1}\nquery: {max_concurrent: 1}\n",
        "query: {max_queued: 1}\nquery.max_queued: 2\n", "query:\nquery: {max_queued: 1}\n"}) {
    put("c.yaml", text);
    const auto settings = load("c.yaml");
    ASSERT_FALSE(settings.has_value()) << text;
    EXPECT_THAT(settings.error().message, HasSubstr("c.yaml:2: the key '")) << text;
    EXPECT_THAT(settings.error().message, HasSubstr("was set before, in line 1")) << text;
  }
  put("c.yaml", "");
  put(".lynxdbrc", "format: json\ndefault_format: csv\n");
  EXPECT_THAT(load("c.yaml").error().message, HasSubstr(".lynxdbrc:2: the key 'default_format'"));
}

TEST_F(SettingsTest, RefuseAFileThatIsNotUtf8) {
  for (const std::string text :
       {"\xff\xfe", "# caf\xe9", "a: \xed\xa0\x80", "a: \xc0\xaf", "\xf0\x9f"}) {
    put("c.yaml", "\n" + text);
    const auto settings = load("c.yaml");
    ASSERT_FALSE(settings.has_value());
    EXPECT_THAT(settings.error().message, HasSubstr("c.yaml:2: the file is not UTF-8"));
  }
  put("c.yaml", "\xef\xbb\xbf# caf\xc3\xa9 \xf0\x9f\x90\x88\nretention: 1d\n");
  EXPECT_TRUE(load("c.yaml").has_value());
}

TEST_F(SettingsTest, WarnOfVariablesThatAreNoSettings) {
  ::setenv("LYNXDB_RETENTON", "1d", 1);
  ::setenv("LYNXDB_TOKEN", "t", 1);
  const auto settings = load();
  ::unsetenv("LYNXDB_RETENTON");
  ::unsetenv("LYNXDB_TOKEN");
  ASSERT_TRUE(settings.has_value());
  EXPECT_THAT(settings->warnings(),
              testing::ElementsAre(testing::AllOf(HasSubstr("LYNXDB_RETENTON"),
                                                  HasSubstr("did you mean LYNXDB_RETENTION?"))));
}

TEST_F(SettingsTest, RefuseAPortWhereAnAddressBelongs) {
  put("c.yaml", "listen: 3100\n");
  const auto settings = load("c.yaml");
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().suggestion, HasSubstr("localhost:3100, or :3100"));
}

TEST_F(SettingsTest, TakeMegabytesFromAFlagThatSaysSo) {
  Settings settings;
  ASSERT_TRUE(settings.set_flag("cache-max-mb", "64").has_value());
  EXPECT_EQ(settings.bytes("storage.cache_max_bytes", 0), 64U << 20U);
  ASSERT_TRUE(settings.set_flag("cache-max-mb", "2gb").has_value());
  EXPECT_EQ(settings.bytes("storage.cache_max_bytes", 0), 2ULL << 30U);
  EXPECT_FALSE(settings.set_flag("cache-max-mb", "much").has_value());
}

TEST_F(SettingsTest, GiveAnIndexARetentionOfItsOwn) {
  put("c.yaml",
      "retention: 7d\nindexes:\n  audit: {retention: 365d}\n  web.prod: {retention: 1d}\n");
  const auto settings = load("c.yaml");
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_THAT(settings->index_retention(), testing::ElementsAre(testing::Pair("audit", "365d"),
                                                                testing::Pair("web.prod", "1d")));
  for (const std::string wrong : {"{a: {retention: never}}", "{'a b': {retention: 1d}}",
                                  "{a: {retentoin: 1d}}", "{retention: 1d}"}) {
    put("d.yaml", "indexes: " + wrong + "\n");
    EXPECT_FALSE(load("d.yaml").has_value()) << wrong;
  }
  put("d.yaml", "retention: 7d\nindexes: {audit: {retention: 365d}, new: {retention: 2d}}\n");
  Settings::Reload reload;
  const Settings merged = settings->reloaded(*load("d.yaml"), reload);
  EXPECT_THAT(reload.applied,
              testing::ElementsAre("indexes.web.prod.retention", "indexes.new.retention"));
  EXPECT_EQ(merged.text("indexes.new.retention", ""), "2d");
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
