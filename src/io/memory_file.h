// Files that live in memory and die with the process: storage for a server without a data
// directory.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "io/file.h"

namespace lynxdb::io {

// Thread-safe. An open file may be used after its name is gone, and after the file system is. Holds
// each byte once; sync does nothing.
class MemoryFileSystem final : public FileSystem {
 public:
  explicit MemoryFileSystem(const base::Clock& clock) : clock_(clock) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> create_directories(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<FileStatus> status(const std::string& path) override;

  struct Content;

 private:
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Content>> files_ GUARDED_BY(mutex_);
  std::set<std::string> directories_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::io
