#include "io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace lynxdb::io {
namespace {

// From errno, which must still be that of the failed call.
Error errno_error(std::string_view what, const std::string& path) {
  const int code = errno;
  ErrorCode kind = ErrorCode::kIo;
  if (code == ENOENT) kind = ErrorCode::kNotFound;
  if (code == EEXIST) kind = ErrorCode::kConflict;
  return Error{kind, std::string(what) + " " + path + ": " + std::generic_category().message(code)};
}

// Repeats `call` while a signal interrupts it.
template <typename Call>
auto without_interruption(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

// A new or renamed name is in its directory, and only the directory's sync keeps it.
Result<> sync_directory(const std::string& path) {
  const Descriptor directory(without_interruption(
      [&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (directory.number() < 0) return errno_error("open directory", path);
  if (without_interruption([&] { return ::fsync(directory.number()); }) < 0) {
    return errno_error("sync directory", path);
  }
  return {};
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int number, bool is_new)
      : path_(std::move(path)), descriptor_(number), name_synced_(!is_new) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = without_interruption([&] {
        return ::pread(descriptor_.number(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) return errno_error("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<> append(std::string_view bytes) override {
    TRY(usable());
    while (!bytes.empty()) {
      const ssize_t done = without_interruption(
          [&] { return ::write(descriptor_.number(), bytes.data(), bytes.size()); });
      if (done < 0) return errno_error("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
  }

  Result<> truncate(std::uint64_t size_bytes) override {
    TRY(usable());
    const auto size = static_cast<off_t>(size_bytes);
    if (without_interruption([&] { return ::ftruncate(descriptor_.number(), size); }) < 0) {
      return errno_error("truncate", path_);
    }
    return {};
  }

  Result<> sync() override {
    TRY(usable());
    if (without_interruption([&] { return ::fdatasync(descriptor_.number()); }) < 0) {
      sync_failed_ = true;
      return errno_error("sync", path_);
    }
    if (!name_synced_) TRY(sync_name());
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(descriptor_.number(), &status) < 0) return errno_error("stat", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Result<> usable() const {
    if (!sync_failed_) return {};
    return Error{ErrorCode::kIo, "write " + path_ + ": an earlier sync failed"};
  }

  Result<> sync_name() {
    auto done = sync_directory(parent_of(path_));
    sync_failed_ = !done;
    name_synced_ = done.has_value();
    return done;
  }

  const std::string path_;
  const Descriptor descriptor_;
  bool name_synced_;
  bool sync_failed_ = false;
};

Result<> create_directory(const std::string& path) {
  constexpr mode_t kOwnerAndGroup = 0750;
  if (::mkdir(path.c_str(), kOwnerAndGroup) == 0) return sync_directory(parent_of(path));
  Error error = errno_error("create directory", path);
  error.code = ErrorCode::kIo;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return {};
  return error;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    if (mode == OpenMode::kRead) flags |= O_RDONLY;
    if (mode == OpenMode::kReadWrite) flags |= O_RDWR | O_APPEND;
    if (mode == OpenMode::kCreate) flags |= O_RDWR | O_APPEND | O_CREAT | O_EXCL;
    constexpr mode_t kOwnerAndGroup = 0640;  // Logs may hold secrets.
    const int number =
        without_interruption([&] { return ::open(path.c_str(), flags, kOwnerAndGroup); });
    if (number < 0) return errno_error("open", path);
    return std::unique_ptr<File>(new PosixFile(path, number, mode == OpenMode::kCreate));
  }

  Result<> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return errno_error("rename", from);
    TRY(sync_directory(parent_of(to)));
    if (parent_of(from) != parent_of(to)) TRY(sync_directory(parent_of(from)));
    return {};
  }

  Result<> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return errno_error("remove", path);
    return {};
  }

  Result<> create_directories(const std::string& path) override {
    std::filesystem::path directory;
    for (const auto& part : std::filesystem::path(path)) {
      directory /= part;
      TRY(create_directory(directory.string()));
    }
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) {
      errno = error.value();
      return errno_error("list", directory);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<FileStatus> status(const std::string& path) override {
    struct stat found{};
    if (::stat(path.c_str(), &found) < 0) {
      const bool absent = errno == ENOENT || errno == ENOTDIR;
      Error error = errno_error("stat", path);
      if (absent) error.code = ErrorCode::kNotFound;
      return error;
    }
    FileStatus status;
    status.is_directory = S_ISDIR(found.st_mode);
    if (!status.is_directory) status.size_bytes = static_cast<std::uint64_t>(found.st_size);
    status.modified_ns = found.st_mtim.tv_sec * 1'000'000'000LL + found.st_mtim.tv_nsec;
    return status;
  }
};

}  // namespace

FileSystem& posix() {
  static PosixFileSystem file_system;
  return file_system;
}

}  // namespace lynxdb::io
