// Small files that are read and replaced as a whole: snapshots, markers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"

namespace lynxdb::io {

// All of the file. kNotFound; kOutOfBudget when it has more than `bytes_max`; kIo.
Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t bytes_max);

// Makes or replaces the file: after a crash it holds its old bytes or the new ones, and the new
// ones once this has returned. Uses `path`.tmp, which one writer at a time may do. Errors: kIo.
Result<> replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

}  // namespace lynxdb::io
