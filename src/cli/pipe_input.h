// What a command reads: which files, or standard input, and how their lines become events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"
#include "event/parse/event_parser.h"
#include "query/engine.h"
#include "spl2/ast.h"

namespace lynxdb::cli {

enum class Mode : std::uint8_t { kFiles, kStandardInput, kServer };

// --file wins; else an explicit --server or --profile; else data on standard input; else the
// server.
Mode choose_mode(const Session& session);

struct PipeInput {
  std::vector<std::string> paths;  // "-" = standard input.
  event::ParserOptions parser;

  bool reads_standard_input() const;
};

// Expands globs and checks that everything can be read. Not for server mode. Errors:
// kNotFound and kIo (files), kInvalidArgument (--server with --file, a bad setting).
Result<PipeInput> resolve_input(const Session& session, std::int64_t now_ns);

// For queries with several scans: lets standard input be read more than once. A pipe's bytes go to
// an unnamed temporary file, which takes its place. Errors: kIo (also for a --file that is no
// regular file: its bytes come only once), kOutOfBudget beyond `bytes_max`.
Result<> make_rereadable(const PipeInput& input, const std::string& directory,
                         std::uint64_t bytes_max);

// Pipe mode has one index, `main`: reading another one gives no rows and a hint.
query::OpenSource open_pipe_input(PipeInput input);

}  // namespace lynxdb::cli
