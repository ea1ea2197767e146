#include "instance/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "io/file.h"

namespace lynxdb::instance {
namespace {

Error failure(std::string_view what, const std::string& path) {
  return {ErrorCode::kIo, fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t n = ::pread(descriptor, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<std::unique_ptr<DataLock>> DataLock::take(const std::string& directory) {
  TRY(io::posix().create_directories(directory));
  const std::string path = directory + "/lynxdb.pid";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure("cannot open", path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    const Error error =
        taken ? Error{ErrorCode::kConflict,
                      fmt::format("{} works in {} already", holder(descriptor), directory),
                      "stop it first, or give this one a data directory of its own (--data-dir)"}
              : failure("cannot lock", path);
    ::close(descriptor);
    return error;
  }
  std::unique_ptr<DataLock> lock(new DataLock(descriptor, path));
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return failure("cannot write", path);
  return lock;
}

// The name goes while the lock is held: whoever opens it afterwards makes a new file.
DataLock::~DataLock() {
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace lynxdb::instance
