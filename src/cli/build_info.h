// Which source this program was made from. The values are filled in by write_build_info.cmake.
#pragma once

#include <string_view>

namespace lynxdb::cli {

struct BuildInfo {
  std::string_view version;  // "0.1.0"
  std::string_view commit;   // Short hash, or "unknown".
  std::string_view date;     // Of that commit, "2026-01-15".
};

BuildInfo build_info();

}  // namespace lynxdb::cli
