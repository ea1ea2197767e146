#include "cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "output/byte_sink.h"

namespace lynxdb::cli {
namespace {

void write_line(std::string line) {
  if (!line.ends_with('\n')) line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nobody left to tell.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string labelled(bool color, std::string_view code, std::string_view label,
                     std::string_view text) {
  std::string line;
  if (color) line += code;
  line += label;
  if (color) line += "\x1b[0m";
  line += ' ';
  line += text;
  line += '\n';
  return line;
}

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kYellow = "\x1b[33m";

}  // namespace

void Console::error(const base::Error& error) const {
  this->error(error.message, error.suggestion);
}

void Console::error(std::string_view message, std::string_view suggestion) const {
  std::string text = labelled(options_.color, kRed, "error:", message);
  if (!suggestion.empty()) text += labelled(options_.color, kYellow, "hint:", suggestion);
  write_line(std::move(text));
}

void Console::hint(std::string_view text) const {
  if (!options_.quiet) write_line(labelled(options_.color, kYellow, "hint:", text));
}

void Console::note(std::string_view text) const {
  if (!options_.quiet) write_line(std::string(text));
}

void Console::detail(std::string_view text) const {
  if (options_.verbose || options_.debug) write_line(std::string(text));
}

void Console::debug(std::string_view text) const {
  if (options_.debug) write_line("debug: " + std::string(text));
}

void Console::print(std::string_view text) const { write_line(std::string(text)); }

bool print_data(const Console& console, std::string_view text) {
  const std::unique_ptr<output::ByteSink> out =
      output::descriptor_sink(STDOUT_FILENO, "standard output");
  const Result<> written = out->write(text);
  if (written.has_value()) return true;
  if (out->reader_gone()) return true;
  console.error(written.error());
  return false;
}

}  // namespace lynxdb::cli
