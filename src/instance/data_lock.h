// One process per data directory.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace lynxdb::instance {

// Holds DIRECTORY/lynxdb.pid locked, with this process's id in it; gone with the object. A process
// that dies leaves the file, but not the lock.
class DataLock {
 public:
  // Makes the directory when it is missing. Errors: kConflict (another process holds it; the
  // message says which), kIo.
  static Result<std::unique_ptr<DataLock>> take(const std::string& directory);
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

 private:
  DataLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  const int descriptor_;
  const std::string path_;
};

}  // namespace lynxdb::instance
