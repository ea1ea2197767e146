// The encoding of one column, a part of batch_codec.h; docs/formats/event-batch.md gives the bytes.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "event/column.h"

namespace lynxdb::event {

// Appends the encoding of `column` to `out`.
void encode_column(const Column& column, std::string& out);

// Reads one column of `rows` rows. Strings are borrowed from the bytes under `in`, which `owner`
// keeps alive. Every length is checked before memory is taken for it. Errors: kCorruption.
Result<ColumnPtr> decode_column(base::ByteReader& in, std::size_t rows, const Column::Owner& owner);

}  // namespace lynxdb::event
