#include "cli/app.h"

#include <unistd.h>
#include <algorithm>
#include <climits>
#include <csignal>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/suggest.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "output/writer.h"

namespace lynxdb::cli {
namespace {

constexpr std::string_view kWelcome =
    "LynxDB: log analytics with SPL2\n\n"
    "  lynxdb query --file app.log 'level=error | stats count by host'\n"
    "  tail -f app.log | lynxdb 'status>=500'\n"
    "  lynxdb examples      queries to start from\n"
    "  lynxdb help          all commands\n";

// What the arguments ask for: a command, and the arguments without its name.
struct Request {
  const Command* command = nullptr;
  std::vector<std::string> arguments;
  std::optional<std::string> query;  // Overrides the positionals: bare `lynxdb` with data.
  std::string hint;
};

// Knows every flag, so that `lynxdb --since 1h query ...` finds the command behind the value.
std::optional<std::size_t> command_position(std::span<const std::string> arguments) {
  Arguments unused;
  FlagSet flags;
  declare_global_flags(flags, unused);
  kQueryCommand.declare_flags(flags, unused);
  return flags.first_positional(arguments);
}

// `lynxdb --sever URL query`: what looks like a command is the value of a flag that is misspelt.
std::optional<Error> misspelt_flag(std::span<const std::string> before_command) {
  Arguments unused;
  FlagSet flags;
  declare_global_flags(flags, unused);
  kQueryCommand.declare_flags(flags, unused);
  return flags.unknown_flag(before_command);
}

bool has_flag(std::span<const std::string> arguments, std::string_view name,
              std::string_view short_name) {
  return std::ranges::any_of(arguments, [&](const std::string& argument) {
    return argument == name || argument == short_name;
  });
}

bool has_input(const StandardStreams& streams, std::span<const std::string> arguments) {
  if (streams.input == InputKind::kData) return true;
  return std::ranges::any_of(arguments, [](const std::string& argument) {
    return argument == "-f" || argument == "--file" || argument.starts_with("--file=");
  });
}

std::vector<std::string_view> all_command_names() {
  std::vector<std::string_view> names;
  for (const Command* command : commands()) names.push_back(command->name);
  names.insert(names.end(), unbuilt_commands().begin(), unbuilt_commands().end());
  return names;
}

// No command word: `lynxdb --help`, `lynxdb --version`, data on standard input, or nothing at all.
Request without_command(const StandardStreams& streams, std::vector<std::string> arguments) {
  Request request;
  if (has_flag(arguments, "--help", "-h")) {
    request.command = &kHelpCommand;
  } else if (has_flag(arguments, "--version", "-V")) {
    request.command = &kVersionCommand;
    std::erase_if(arguments, [](const std::string& a) { return a == "--version" || a == "-V"; });
  } else if (has_input(streams, arguments)) {
    request.command = &kQueryCommand;
    if (std::ranges::find(arguments, "--") == arguments.end()) request.query = "| head 10";
  }
  request.arguments = std::move(arguments);
  return request;
}

Error unknown_command(std::string_view word) {
  const auto unbuilt = unbuilt_commands();
  if (std::ranges::find(unbuilt, word) != unbuilt.end())
    return Error{ErrorCode::kInvalidArgument,
                 "command '" + std::string(word) + "' is not part of this build",
                 "see lynxdb help for those that are"};
  Error error{ErrorCode::kInvalidArgument, "unknown command '" + std::string(word) + "'"};
  const std::vector<std::string_view> names = all_command_names();
  if (const auto nearest = base::suggest(word, names))
    error.suggestion = "did you mean " + *nearest + "?";
  else
    error.suggestion = "see lynxdb help; to search files, use lynxdb query --file FILE 'QUERY'";
  return error;
}

Result<Request> understand(const StandardStreams& streams, std::vector<std::string> arguments) {
  const std::optional<std::size_t> position = command_position(arguments);
  if (!position) return without_command(streams, std::move(arguments));
  const std::string word = arguments[*position];
  Request request;
  request.command = find_command(word);
  if (request.command != nullptr) {
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(*position));
    request.arguments = std::move(arguments);
    return request;
  }
  const auto unbuilt = unbuilt_commands();
  const bool is_unbuilt = std::ranges::find(unbuilt, word) != unbuilt.end();
  if (is_unbuilt || !has_input(streams, arguments)) {
    if (auto flag = misspelt_flag(std::span(arguments).first(*position))) return *std::move(flag);
    return unknown_command(word);
  }
  std::vector<std::string_view> names = all_command_names();
  std::erase_if(names, [&](std::string_view name) {
    return std::ranges::find(unbuilt, name) != unbuilt.end();
  });
  if (const auto nearest = base::suggest(word, names))
    request.hint = "'" + word + "' is taken as a query; for the command, write " + *nearest;
  request.command = &kQueryCommand;
  request.arguments = std::move(arguments);
  return request;
}

std::string current_directory() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) != nullptr ? path : ".";
}

Console::Options console_options(const Arguments& arguments, const StandardStreams& streams) {
  return {.quiet = arguments.quiet,
          .verbose = arguments.verbose,
          .debug = arguments.debug,
          .color = streams.error_is_terminal && streams.color_wanted && !arguments.no_color};
}

Result<> prepare(Session& session, const Request& request) {
  FlagSet flags;
  declare_global_flags(flags, session.arguments);
  request.command->declare_flags(flags, session.arguments);
  session.arguments.positionals = TRY(flags.parse(request.arguments));
  session.console = Console(console_options(session.arguments, session.streams));
  if (request.query) session.arguments.positionals = {*request.query};
  if (session.arguments.help) return {};
  if (session.arguments.format) TRY(output::output_format_named(*session.arguments.format));
  if (request.command->reads_settings)
    session.settings = TRY(config::Settings::load(session.arguments.config, current_directory()));
  return {};
}

}  // namespace

int run(std::vector<std::string> arguments) {
  Session session;
  session.streams = examine_standard_streams();
  // A reader that leaves is noticed when writing fails.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // A file-size limit is an error of the write, as a full disk is.

  const Result<Request> request = understand(session.streams, std::move(arguments));
  if (!request.has_value()) {
    session.console.error(request.error());
    return kExitUsage;
  }
  if (request->command == nullptr) {
    if (!request->arguments.empty()) {
      // Flags without a command: they must still be right.
      Arguments unused;
      FlagSet flags;
      declare_global_flags(flags, unused);
      const auto parsed = flags.parse(request->arguments);
      if (!parsed.has_value() || !parsed->empty()) {
        session.console.error(parsed.has_value() ? unknown_command(parsed->front())
                                                 : parsed.error());
        return kExitUsage;
      }
    }
    return print_data(session.console, kWelcome) ? kExitOk : kExitFailure;
  }
  const Result<> prepared = prepare(session, *request);
  if (!prepared.has_value()) {
    session.console.error(prepared.error());
    return kExitUsage;
  }
  if (session.arguments.help && request->command != &kHelpCommand) {
    const std::string help = command_help(*request->command);
    return print_data(session.console, help) ? kExitOk : kExitFailure;
  }
  if (!request->hint.empty()) session.console.hint(request->hint);
  return request->command->run(session);
}

}  // namespace lynxdb::cli
