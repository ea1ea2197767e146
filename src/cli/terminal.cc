#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace lynxdb::cli {
namespace {

InputKind input_kind() {
  struct stat status{};
  if (::fstat(STDIN_FILENO, &status) != 0) return InputKind::kNone;
  const bool data = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISREG(status.st_mode);
  return data ? InputKind::kData : InputKind::kNone;
}

void occupy_if_closed(int descriptor, int flags) {
  if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) return;
  const int opened = ::open("/dev/null", flags);
  if (opened < 0 || opened == descriptor) return;
  ::dup2(opened, descriptor);
  ::close(opened);
}

std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

bool environment_wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return term == nullptr || std::string_view(term) != "dumb";
}

}  // namespace

StandardStreams examine_standard_streams() {
  StandardStreams streams;
  streams.input = input_kind();
  // In this order, so that each open gets the lowest free descriptor. Opened for the wrong
  // direction: reading or writing gives EBADF, as it did before.
  occupy_if_closed(STDIN_FILENO, O_WRONLY);
  occupy_if_closed(STDOUT_FILENO, O_RDONLY);
  occupy_if_closed(STDERR_FILENO, O_RDWR);
  streams.output_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  streams.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  if (streams.output_is_terminal) streams.output_width = terminal_width();
  streams.color_wanted = environment_wants_color();
  return streams;
}

}  // namespace lynxdb::cli
