// One process at a time in a directory.
#pragma once

#include <string>

#include "base/result.h"

namespace lynxdb::io {

// Held until it is destroyed or the process ends, however it ends. Movable.
class DirectoryLock {
 public:
  // Locks the file lynxdb.pid in `directory` (which must exist) and writes the process id into it,
  // for people. kConflict when another process (or this one) holds it: the message says which. kIo.
  static Result<DirectoryLock> acquire(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace lynxdb::io
