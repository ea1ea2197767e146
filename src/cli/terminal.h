// What the standard streams are: terminals, pipes, files, or nothing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lynxdb::cli {

enum class InputKind : std::uint8_t {
  kData,  // Pipe, FIFO, socket or regular file: something to read.
  kNone,  // Terminal, other device (/dev/null), or closed.
};

struct StandardStreams {
  InputKind input = InputKind::kNone;
  bool output_is_terminal = false;
  bool error_is_terminal = false;
  std::size_t output_width = 80;  // Columns of the terminal.
  bool color_wanted = false;      // By the environment: no NO_COLOR, TERM is not dumb.
};

// Looks at descriptors 0 to 2. Call it first: it also gives closed ones to /dev/null, so that a
// file opened later does not become standard output by accident (writing there still fails).
StandardStreams examine_standard_streams();

}  // namespace lynxdb::cli
