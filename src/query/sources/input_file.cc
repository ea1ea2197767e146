#include "query/sources/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace lynxdb::query {
namespace {

// How long a reader of an idle pipe takes to notice that its query was cancelled.
constexpr int kPollMs = 50;

// What a pipe may hold: fewer wake-ups of both sides than with the default of 64 KB.
constexpr int kPipeBytes = 1 << 20;

Error open_failure(const std::string& path, int code) {
  return {code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
          "cannot open " + path + ": " + std::strerror(code)};
}

Error directory_failure(const std::string& path) {
  return {ErrorCode::kIo, path + " is a directory", "name files or a glob, such as " + path + "/*"};
}

// Standard input, redirected from a file, is opened again where the system allows: a query with
// several scans reads it at several positions, and compressed text is read without offsets.
int standard_input_fd() {
  struct stat status{};
  const bool at_start_of_file = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
                                ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
  if (!at_start_of_file) return STDIN_FILENO;
  const int fd = ::open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
  return fd < 0 ? STDIN_FILENO : fd;
}

}  // namespace

Result<> InputFile::probe(const std::string& path) {
  if (path == "-") return {};
  // Opening a FIFO would wait for its writer, and closing it again would end that one.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return open_failure(path, errno);
  if (S_ISDIR(status.st_mode)) return directory_failure(path);
  if (::access(path.c_str(), R_OK) != 0) return open_failure(path, errno);
  return {};
}

std::optional<std::uint64_t> InputFile::size_of(const std::string& path) {
  struct stat status{};
  const int failed = path == "-" ? ::fstat(STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
  if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::shared_ptr<InputFile>> InputFile::open(const std::string& path) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? standard_input_fd() : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return open_failure(path, errno);
  std::shared_ptr<InputFile> file(new InputFile(fd, standard_input ? "stdin" : path));
  struct stat status{};
  if (::fstat(fd, &status) != 0) return file->failure("cannot read");
  if (S_ISDIR(status.st_mode)) return directory_failure(file->name());
  if (S_ISFIFO(status.st_mode)) (void)::fcntl(fd, F_SETPIPE_SZ, kPipeBytes);
  // Standard input redirected from a file starts where the shell left it.
  const bool at_start = ::lseek(fd, 0, SEEK_CUR) == 0;
  file->seekable_ = S_ISREG(status.st_mode) && status.st_size > 0 && at_start;
  if (file->seekable_) {
    file->size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    file->mapped_ = std::make_unique<MappedFile>(fd, file->size_bytes_, file->shrunk_);
  }
  return file;
}

InputFile::InputFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

InputFile::~InputFile() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

Error InputFile::failure(const char* what) const {
  return {ErrorCode::kIo, std::string(what) + " " + name_ + ": " + std::strerror(errno)};
}

Result<std::size_t> InputFile::read_at(std::uint64_t offset, std::span<char> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n =
        ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure("cannot read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<> InputFile::wait_for_data(const Cancellation& cancellation) const {
  while (true) {
    TRY(cancellation.check());
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    const int n = ::poll(&waiting, 1, kPollMs);
    if (n > 0) return {};
    if (n < 0 && errno != EINTR) return failure("cannot wait for");
  }
}

Result<std::size_t> InputFile::read(std::span<char> out, const Cancellation& cancellation) {
  while (true) {
    TRY(wait_for_data(cancellation));
    const ssize_t n = ::read(fd_, out.data(), out.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR && errno != EAGAIN) return failure("cannot read");
  }
}

bool InputFile::ready() const {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace lynxdb::query
