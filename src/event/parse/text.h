// Plain text to fields: key=value pairs, the time, the level. The formats with a header of their
// own (syslog, CLF) use it for what follows the header.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "event/parse/batch_assembler.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// What pairs may say about the event's built-in fields; the weakest source there is.
struct TextMeta {
  std::string_view host;                // Null data() when absent.
  std::optional<std::int64_t> time_ns;  // Of timestamp=, time=, ts= or datetime=.
};

// Adds the pairs of `text` to the current row, as far as the row has no such field yet: what was
// set before is better known. `source`, `sourcetype`, `index` and names that start with `_` are not
// taken: text never moves an event.
TextMeta add_key_values(BatchAssembler& assembler, std::string_view text,
                        const TimestampDefaults& defaults);

// Begins a row and collects a text line in it. `head.raw` is set.
RowHead read_text(BatchAssembler& assembler, std::string_view line,
                  const TimestampDefaults& defaults);
// The same in a row that was begun and may hold fields already.
RowHead add_text(BatchAssembler& assembler, std::string_view line,
                 const TimestampDefaults& defaults);
// `_raw` and `_time` alone.
RowHead read_raw(BatchAssembler& assembler, std::string_view line,
                 const TimestampDefaults& defaults);

// The first whole word TRACE DEBUG INFO NOTICE WARN WARNING ERROR ERR FATAL CRIT CRITICAL ALERT
// EMERG PANIC in the first 128 bytes of `text`: in upper case, or in brackets ([ ] ( ) < >) in any.
// As written; empty when there is none.
std::string_view find_level(std::string_view text);

}  // namespace lynxdb::event
