// Where the rows of a query go, and in which format: what files, standard input and servers share.
#pragma once

#include <memory>

#include "base/result.h"
#include "cli/session.h"
#include "output/writer.h"

namespace lynxdb::cli {

bool writes_to_standard_output(const Session& session);

// Errors: kInvalidArgument (no such format).
Result<output::WriterOptions> writer_options(const Session& session);

// Standard output, or the file of --output. Errors: kIo.
Result<std::unique_ptr<output::ByteSink>> open_output(const Session& session);

// Memory and disk of formats that need all rows before the first.
std::string temporary_directory(const Session& session);

}  // namespace lynxdb::cli
