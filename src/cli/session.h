// What a command has to work with: its arguments, the settings, the streams.
#pragma once

#include <chrono>
#include <string>

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/terminal.h"
#include "config/settings.h"

namespace lynxdb::cli {

struct Session {
  Arguments arguments;
  config::Settings settings;
  StandardStreams streams;
  Console console;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

}  // namespace lynxdb::cli
