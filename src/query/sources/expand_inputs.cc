#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "query/sources/input_file.h"
#include "query/sources/line_source.h"

namespace lynxdb::query {
namespace {

bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Sorted by bytes, whatever the locale: the order of rows depends on it. Directories are no
// matches.
std::vector<std::string> glob_matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT | GLOB_BRACE, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  std::erase_if(paths, is_directory);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& patterns) {
  std::vector<std::string> paths;
  for (const std::string& pattern : patterns) {
    const bool is_glob = pattern.find_first_of("*?[{") != std::string::npos;
    if (pattern == "-" || !is_glob || exists(pattern)) {
      paths.push_back(pattern);
      continue;
    }
    std::vector<std::string> matches = glob_matches(pattern);
    if (matches.empty()) return Error{ErrorCode::kNotFound, "no file matches " + pattern};
    paths.insert(paths.end(), std::make_move_iterator(matches.begin()),
                 std::make_move_iterator(matches.end()));
  }
  for (const std::string& path : paths) TRY(InputFile::probe(path));
  return paths;
}

}  // namespace lynxdb::query
