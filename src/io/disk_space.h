// How full the disk is.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace lynxdb::io {

struct DiskSpace {
  std::uint64_t total_bytes = 0;  // That this process may use at all.
  std::uint64_t free_bytes = 0;   // Of these.
};

// Of the file system that holds `path`. Errors: kIo.
Result<DiskSpace> disk_space(const std::string& path);

}  // namespace lynxdb::io
