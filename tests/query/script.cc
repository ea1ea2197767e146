#include "tests/query/script.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace lynxdb::tests {
namespace {

// The words behind "== events".
PipeOptions read_options(const std::string& words) {
  PipeOptions options;
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    const std::size_t equals = word.find('=');
    const std::string value = equals == std::string::npos ? word : word.substr(equals + 1);
    if (equals == std::string::npos)
      options.format = word;
    else if (word.starts_with("source="))
      options.default_source = value;
    else if (word.starts_with("sourcetype="))
      options.sourcetype = value;
    else if (word.starts_with("host="))
      options.host = value;
    else
      ADD_FAILURE() << "unknown label " << word;
  }
  return options;
}

}  // namespace

std::vector<ScriptCase> read_script(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<ScriptCase> cases;
  PipeOptions options;
  std::string events;
  std::size_t event_section = 0;
  std::string section;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("== ")) {
      const std::string head = line.substr(3);
      if (head.starts_with("events")) {
        section = "events";
        options = read_options(head.substr(6));
        events.clear();
        ++event_section;
      } else if (head.starts_with("query: ")) {
        section = "query";
        cases.emplace_back();
        cases.back().name = head.substr(7);
        cases.back().line = number;
        cases.back().options = options;
        cases.back().events = events;
        cases.back().event_section = event_section;
      } else if (!cases.empty() && (head == "rows" || head == "rows unordered")) {
        section = "rows";
        cases.back().expects_rows = true;
        cases.back().ordered = head == "rows";
      } else if (!cases.empty() && (head == "error" || head == "hint")) {
        section = head;
      } else {
        ADD_FAILURE() << path << ":" << number << ": unknown section " << head;
      }
      continue;
    }
    if (section == "events") {
      events += line + "\n";
    } else if (line.empty() || section.empty()) {
      continue;
    } else if (section == "query") {
      cases.back().query += (cases.back().query.empty() ? "" : "\n") + line;
    } else if (section == "rows") {
      cases.back().rows.push_back(line);
    } else if (section == "error") {
      cases.back().error += line;
    } else {
      cases.back().hint += line;
    }
  }
  return cases;
}

std::vector<std::filesystem::path> script_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(LYNXDB_QUERY_SCRIPTS))
    if (entry.path().extension() == ".test") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace lynxdb::tests
