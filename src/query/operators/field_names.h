// Field names of commands (`fields`, `rename`, `sort`...) on the fields of a batch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/event_batch.h"
#include "query/operators/text_pattern.h"

namespace lynxdb::query {

// A name with `*` for any run of characters; case matters.
WildcardPattern field_glob(std::string_view name);

// The field of the batch that holds what `name` means: of exactly this name, else its alias's
// target (`source` -> `_source`). Paths into JSON have none.
std::optional<std::size_t> stored_index(const event::EventBatch& batch, std::string_view name);

// Marks the field as one that rows print even when null, as sort keys are; a field that no row of
// the batch has is added, and so is what a path into JSON text finds. An alias stands for its
// target.
void name_field(event::EventBatch& batch, std::string_view name);

}  // namespace lynxdb::query
