#include "config/yaml_settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace lynxdb::config {
namespace {

constexpr int kNestingMax = 16;

Error wrong(const std::string& path, std::size_t line, const std::string& what) {
  return Error{ErrorCode::kInvalidArgument, path + ":" + std::to_string(line) + ": " + what};
}

std::size_t line_of(const YAML::Node& node) {
  const int line = node.Mark().line;
  return line < 0 ? 1 : static_cast<std::size_t>(line) + 1;
}

class Flattener {
 public:
  Flattener(const std::string& path, std::vector<YamlSetting>& out) : path_(path), out_(out) {}

  Result<> add_map(const YAML::Node& map, const std::string& prefix, int depth) {
    if (depth > kNestingMax) return wrong(path_, line_of(map), "nested too deeply");
    for (const auto& pair : map) {
      const std::size_t line = line_of(pair.first);
      if (!pair.first.IsScalar()) return wrong(path_, line, "a key must be a word");
      const std::string key = prefix + pair.first.Scalar();
      // `a: {b: 1}` and `a.b: 1` are the same key.
      const auto [before, is_new] = lines_.try_emplace(key, line);
      if (!is_new)
        return wrong(
            path_, line,
            "the key '" + key + "' was set before, in line " + std::to_string(before->second));
      TRY(add(key, pair.second, line, depth));
    }
    return {};
  }

 private:
  Result<> add(const std::string& key, const YAML::Node& value, std::size_t line, int depth) {
    if (value.IsMap()) return add_map(value, key + ".", depth + 1);
    if (value.IsNull()) return {};  // `storage:` with everything below commented out.
    std::string text;
    if (value.IsScalar()) text = value.Scalar();
    if (value.IsSequence()) text = TRY(joined(value, line));
    out_.push_back({key, std::move(text), line});
    return {};
  }

  Result<std::string> joined(const YAML::Node& list, std::size_t line) const {
    std::string text;
    for (const YAML::Node& item : list) {
      if (!item.IsScalar()) return wrong(path_, line, "a list holds words only");
      if (!text.empty()) text += ',';
      text += item.Scalar();
    }
    return text;
  }

  const std::string& path_;
  std::vector<YamlSetting>& out_;
  std::map<std::string, std::size_t> lines_;  // Of the keys so far, those with keys below them too.
};

Result<> check_utf8(const std::string& path, std::string_view text) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (!base::is_utf8(text.substr(0, end))) return wrong(path, line, "the file is not UTF-8");
    text.remove_prefix(end);
  }
  return {};
}

}  // namespace

Result<std::vector<YamlSetting>> read_yaml_settings(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{ErrorCode::kIo, "cannot read " + path + ": " + std::strerror(errno)};
  std::vector<YamlSetting> settings;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  TRY(check_utf8(path, text));
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return settings;
    if (!root.IsMap()) return wrong(path, 1, "expected `key: value` lines");
    TRY(Flattener(path, settings).add_map(root, "", 0));
  } catch (const YAML::Exception& e) {
    const int line = e.mark.line;
    return wrong(path, line < 0 ? 1 : static_cast<std::size_t>(line) + 1, e.msg);
  }
  return settings;
}

}  // namespace lynxdb::config
