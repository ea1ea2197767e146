#include "output/byte_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lynxdb::output {
namespace {

Error io_error(const std::string& what, int code) {
  return Error{ErrorCode::kIo, what + ": " + std::strerror(code)};
}

// 0, or the errno of the failure.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Another program may have made a shared terminal or pipe non-blocking.
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

class DescriptorSink final : public ByteSink {
 public:
  DescriptorSink(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}

  Result<> write(std::string_view bytes) override {
    const int code = write_all(descriptor_, bytes);
    if (code == 0) return {};
    reader_gone_ = code == EPIPE;
    if (reader_gone_) return Error{ErrorCode::kCancelled, name_ + " was closed by its reader"};
    return io_error("cannot write " + name_, code);
  }
  Result<> commit() override { return {}; }
  bool reader_gone() const override { return reader_gone_; }

 private:
  int descriptor_;
  std::string name_;
  bool reader_gone_ = false;
};

// The path of the unfinished file, for discard_unfinished_file. One query runs at a time.
std::array<char, PATH_MAX> unfinished_path;
std::atomic<bool> unfinished{false};

class RenamedFileSink final : public ByteSink {
 public:
  RenamedFileSink(int descriptor, std::string temporary, std::string path)
      : descriptor_(descriptor), temporary_(std::move(temporary)), path_(std::move(path)) {
    if (temporary_.size() < unfinished_path.size()) {
      std::memcpy(unfinished_path.data(), temporary_.c_str(), temporary_.size() + 1);
      unfinished.store(true);
    }
  }

  ~RenamedFileSink() override {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!committed_) ::unlink(temporary_.c_str());
    unfinished.store(false);
  }

  Result<> write(std::string_view bytes) override {
    const int code = write_all(descriptor_, bytes);
    if (code != 0) return io_error("cannot write " + temporary_, code);
    return {};
  }

  Result<> commit() override {
    // close() is where network file systems report a full disk.
    if (::close(std::exchange(descriptor_, -1)) != 0)
      return io_error("cannot write " + temporary_, errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
      return io_error("cannot write " + path_, errno);
    committed_ = true;
    return {};
  }

 private:
  int descriptor_;
  std::string temporary_;
  std::string path_;
  bool committed_ = false;
};

class OwnedDescriptorSink final : public ByteSink {
 public:
  OwnedDescriptorSink(int descriptor, const std::string& path)
      : descriptor_(descriptor), inner_(descriptor, path) {}
  ~OwnedDescriptorSink() override { ::close(descriptor_); }
  Result<> write(std::string_view bytes) override { return inner_.write(bytes); }
  Result<> commit() override { return {}; }
  bool reader_gone() const override { return inner_.reader_gone(); }

 private:
  int descriptor_;
  DescriptorSink inner_;
};

std::string resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string result = real;
  std::free(real);
  return result;
}

// mkstemp gives 0600; the user expects what a plain `> file` would give.
void set_usual_mode(int descriptor, const struct stat* previous) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const mode_t mode = previous != nullptr ? previous->st_mode & 07777U : 0666U & ~mask;
  // A failure only leaves the file more private than asked for.
  if (::fchmod(descriptor, mode) != 0) return;
}

}  // namespace

std::unique_ptr<ByteSink> descriptor_sink(int descriptor, std::string name) {
  return std::make_unique<DescriptorSink>(descriptor, std::move(name));
}

Result<std::unique_ptr<ByteSink>> file_sink(const std::string& path) {
  const std::string target = resolved(path);
  struct stat previous{};
  const bool exists = ::stat(target.c_str(), &previous) == 0;
  if (exists && S_ISDIR(previous.st_mode)) return io_error("cannot write " + path, EISDIR);
  if (exists && !S_ISREG(previous.st_mode)) {
    const int descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return io_error("cannot write " + path, errno);
    return std::unique_ptr<ByteSink>(std::make_unique<OwnedDescriptorSink>(descriptor, path));
  }
  std::string temporary = target + ".tmp-XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return io_error("cannot write " + path, errno);
  set_usual_mode(descriptor, exists ? &previous : nullptr);
  return std::unique_ptr<ByteSink>(
      std::make_unique<RenamedFileSink>(descriptor, std::move(temporary), target));
}

void discard_unfinished_file() {
  if (unfinished.load()) ::unlink(unfinished_path.data());
}

}  // namespace lynxdb::output
