// Every flag of every command, as parsed. A command declares those it takes (command.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/flags.h"

namespace lynxdb::cli {

struct Arguments {
  // Global: before or after the command.
  std::optional<std::string> config;
  std::optional<std::string> server;
  std::optional<std::string> token;
  std::optional<std::string> profile;
  std::optional<std::string> format;
  bool help = false;
  bool quiet = false;
  bool verbose = false;
  bool no_stats = false;
  bool no_color = false;
  bool debug = false;
  bool tls_skip_verify = false;

  // What to read.
  std::vector<std::string> files;
  std::optional<std::string> source;
  std::optional<std::string> sourcetype;
  std::optional<std::string> since;
  std::optional<std::string> from;
  std::optional<std::string> to;

  // How to run, where to write.
  std::optional<std::string> output;
  std::optional<std::string> timeout;
  std::optional<std::string> max_memory;
  bool fail_on_empty = false;
  bool explain = false;
  std::optional<std::string> analyze;

  // How events are ingested.
  std::optional<std::string> index;
  std::optional<std::string> host;
  std::optional<std::string> batch_size;

  // Of single commands.
  std::optional<std::string> rate;
  std::optional<std::string> nodes;
  std::optional<std::string> directory;
  std::optional<std::string> port;
  bool system = false;
  bool accept_log_damage = false;
  std::vector<std::string> dropped_segments;
  std::vector<std::pair<std::string, std::string>> overrides;  // `--section.key value`, in order.
  bool values = false;
  std::optional<std::string> prefix;
  std::optional<std::string> events;
  bool under_replicated = false;
  bool partial_results = false;
  bool dry_run = false;
  bool force = false;
  bool cancel = false;
  bool accept_loss = false;
  std::optional<std::string> node;
  bool short_version = false;
  bool json_version = false;

  std::vector<std::string> positionals;
};

void declare_global_flags(FlagSet& flags, Arguments& arguments);
// --file, --sourcetype, --since, --from, --to.
void declare_input_flags(FlagSet& flags, Arguments& arguments);
// --timeout, --max-memory, --output, --fail-on-empty.
void declare_run_flags(FlagSet& flags, Arguments& arguments);

}  // namespace lynxdb::cli
