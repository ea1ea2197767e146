// What a command behind a group-by lets it leave out.
#pragma once

#include <cstdint>
#include <string>

namespace lynxdb::query {

// Only the first `count` rows by the order of one column will be used: rows that stand behind that
// many others may be left out. Those that stand level with the last one may not.
struct FirstRows {
  std::string column;
  bool descending = false;
  std::uint64_t count = 0;
};

}  // namespace lynxdb::query
