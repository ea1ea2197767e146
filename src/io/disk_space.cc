#include "io/disk_space.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <system_error>

namespace lynxdb::io {

Result<DiskSpace> disk_space(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) {
    const int code = errno;
    return Error{ErrorCode::kIo, "statvfs " + path + ": " + std::generic_category().message(code)};
  }
  // What is kept for root is neither used nor free, as df counts.
  const std::uint64_t used = status.f_blocks - status.f_bfree;
  return DiskSpace{(used + status.f_bavail) * status.f_frsize, status.f_bavail * status.f_frsize};
}

}  // namespace lynxdb::io
