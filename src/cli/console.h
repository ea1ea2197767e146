// Everything that is said on standard error: errors, hints, statistics, the log.
#pragma once

#include <string_view>

#include "base/error.h"

namespace lynxdb::cli {

// Thread-safe: each message is one write.
class Console {
 public:
  struct Options {
    bool quiet = false;  // Only errors.
    bool verbose = false;
    bool debug = false;
    bool color = false;  // Standard error is a terminal that wants colours.
  };
  Console() = default;
  explicit Console(Options options) : options_(options) {}

  // "error: what", then "hint: what to do" if there is a suggestion.
  void error(const base::Error& error) const;
  void error(std::string_view message, std::string_view suggestion = "") const;
  void hint(std::string_view text) const;    // Not when quiet.
  void note(std::string_view text) const;    // As it stands; not when quiet.
  void detail(std::string_view text) const;  // Only when verbose or debug.
  void debug(std::string_view text) const;   // Only with --debug.
  void print(std::string_view text) const;   // As it stands, always.

 private:
  Options options_;
};

// Writes to standard output: help texts and other data that is no query result. False (and an
// error message, but for a reader that left) when that fails.
bool print_data(const Console& console, std::string_view text);

}  // namespace lynxdb::cli
