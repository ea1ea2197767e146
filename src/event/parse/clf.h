// Common and combined log format (docs/guide/ingest.md, "CLF"):
//
//   client_ip ident user [time] "request" status bytes ["referer" "user_agent"] [rest]
#pragma once

#include <optional>
#include <string_view>

#include "event/parse/batch_assembler.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// Begins a row and collects the line in it; nullopt (and no row) when the line is of another
// format.
std::optional<RowHead> read_clf(BatchAssembler& assembler, std::string_view line,
                                const TimestampDefaults& defaults);

}  // namespace lynxdb::event
