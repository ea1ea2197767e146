#include "cli/last_query.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "event/value.h"

namespace lynxdb::cli {
namespace {

namespace fs = std::filesystem;

// "" when there is no home.
std::string state_path() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data != '\0') return std::string(data) + "/lynxdb/last";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return "";
  return std::string(home) + "/.local/share/lynxdb/last";
}

void add_member(std::string& json, std::string_view name, const std::optional<std::string>& value) {
  if (!value) return;
  json += ",\"" + std::string(name) + "\":";
  event::append_json_string(*value, json);
}

std::string to_json(const std::string& text, const Arguments& arguments) {
  std::string json = "{\"query\":";
  event::append_json_string(text, json);
  add_member(json, "since", arguments.since);
  add_member(json, "from", arguments.from);
  add_member(json, "to", arguments.to);
  json += ",\"files\":[";
  for (std::size_t i = 0; i < arguments.files.size(); ++i) {
    std::error_code ignored;
    if (i > 0) json += ',';
    event::append_json_string(fs::absolute(arguments.files[i], ignored).string(), json);
  }
  return json + "]}\n";
}

std::optional<std::string> member(simdjson::dom::element object, const char* name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

}  // namespace

void remember_query(const std::string& text, const Arguments& arguments) {
  const std::string path = state_path();
  if (path.empty() || std::ranges::find(arguments.files, "-") != arguments.files.end()) return;
  std::error_code failed;
  fs::create_directories(fs::path(path).parent_path(), failed);
  if (failed) return;
  const std::string fresh = path + "." + std::to_string(::getpid());
  // Queries may hold what is nobody else's business.
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::string json = to_json(text, arguments);
  const bool written = ::write(file, json.data(), json.size()) == static_cast<ssize_t>(json.size());
  ::close(file);
  if (written) fs::rename(fresh, path, failed);
  if (!written || failed) fs::remove(fresh, failed);
}

Result<LastQuery> remembered_query() {
  const std::string path = state_path();
  std::ifstream file(path);
  if (path.empty() || !file) return Error{ErrorCode::kNotFound, "no query was run yet"};
  std::ostringstream content;
  content << file.rdbuf();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  LastQuery last;
  if (parser.parse(simdjson::padded_string(content.str())).get(root) != simdjson::SUCCESS ||
      !member(root, "query"))
    return Error{ErrorCode::kCorruption, path + " cannot be read"};
  last.text = *member(root, "query");
  last.since = member(root, "since");
  last.from = member(root, "from");
  last.to = member(root, "to");
  simdjson::dom::array files;
  if (root["files"].get(files) == simdjson::SUCCESS)
    for (const simdjson::dom::element name : files)
      if (std::string_view text; name.get(text) == simdjson::SUCCESS) last.files.emplace_back(text);
  return last;
}

}  // namespace lynxdb::cli
