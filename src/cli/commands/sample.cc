// lynxdb sample: the newest events, to see what data looks like.
#include <algorithm>
#include <string>

#include "cli/command.h"
#include "cli/pipe_input.h"
#include "cli/run_query.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  declare_input_flags(flags, arguments);
  flags.value("--source", "LABEL", arguments.source, "_source of every event");
  declare_run_flags(flags, arguments);
}

bool is_number(const std::string& word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

int run(const Session& session) {
  std::vector<std::string> words = session.arguments.positionals;
  std::string count = "5";
  if (!words.empty() && is_number(words.front())) {
    count = words.front();
    words.erase(words.begin());
  }
  if (words.size() > 1)
    return wrong_arguments(session, kSampleCommand,
                           "a filter is one argument: put quotes around it");
  // Files are in any order, so the newest must be looked for.
  const std::string filter = words.empty() ? "" : words.front() + "\n";
  if (choose_mode(session) == Mode::kServer)
    return run_query(session, filter + "| head " + count);  // A server gives the newest first.
  return run_query(session, filter + "| sort -_time | head " + count);
}

}  // namespace

const Command kSampleCommand = {
    "sample", "", "[N] [FILTER]", "show the newest N events (5)", declare_flags, run, true};

}  // namespace lynxdb::cli
