// From a field name to a column: exact name, then alias, then a path into JSON text, per event.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/event_batch.h"

namespace lynxdb::query {

// The column that `name` means in this batch; a null column when no event has it.
//
// Per event the first that is not null: a field of exactly that name; the alias's target (`source`
// -> `_source`); a path into JSON text (`a.b.c`: the longest prefix that is a field holding JSON
// text, the rest is the path; over an array it gives a list). Shared with the batch where possible.
event::ColumnPtr resolve_field(const event::EventBatch& batch, std::string_view name);

// The stored fields that resolve_field(name) may read: what a source must deliver.
std::vector<std::string> stored_fields_of(std::string_view name);

// The value at `path` ("b.c", "[0].x", "[*]") in JSON text; null when there is none. Scalars typed,
// objects and arrays of objects as JSON text, arrays of scalars as lists.
event::Value json_path(std::string_view json, std::string_view path);

}  // namespace lynxdb::query
