#include "cli/arguments.h"

namespace lynxdb::cli {

void declare_global_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--config", "PATH", arguments.config, "configuration file");
  flags.value("--server", "URL", arguments.server, "server to talk to");
  flags.value("--token", "KEY", arguments.token, "API key for the server");
  flags.value("--profile,-p", "NAME", arguments.profile, "named server from the configuration");
  flags.value("--format,-F", "F", arguments.format,
              "output: auto, json, ndjson, table, csv, tsv, raw");
  flags.toggle("--help,-h", arguments.help, "show this help");
  flags.toggle("--quiet,-q", arguments.quiet, "only data and errors");
  flags.toggle("--verbose,-v", arguments.verbose, "say more about what happens");
  flags.toggle("--no-stats", arguments.no_stats, "no statistics after the query");
  flags.toggle("--no-color", arguments.no_color, "no colours");
  flags.toggle("--debug", arguments.debug, "log to standard error");
  flags.toggle("--tls-skip-verify", arguments.tls_skip_verify,
               "accept any certificate of the server");
}

void declare_input_flags(FlagSet& flags, Arguments& arguments) {
  flags.list("--file,-f", "GLOB", arguments.files,
             "file or glob to read, - for standard input; repeatable");
  flags.value("--sourcetype", "NAME", arguments.sourcetype,
              "input format (json, syslog, clf, raw) or a label for the events");
  flags.value("--since,-s", "TIME", arguments.since, "only events since then (15m, -1d, a date)");
  flags.value("--from", "TIME", arguments.from, "only events at or after this time");
  flags.value("--to", "TIME", arguments.to, "only events before this time");
}

void declare_run_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--output,-o", "FILE", arguments.output, "write the rows to a file");
  flags.value("--timeout", "DURATION", arguments.timeout, "stop after this long, with exit code 5");
  flags.value("--max-memory", "SIZE", arguments.max_memory,
              "memory before rows go to disk (default 1gb)");
  flags.toggle("--fail-on-empty", arguments.fail_on_empty, "exit code 6 when there are no rows");
}

}  // namespace lynxdb::cli
