// The encoding of one column, a part of batch_codec.h; docs/formats/event-batch.md gives the bytes.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "event/column.h"

namespace lynxdb::event {

// Appends the encoding of `column` to `out`. `raw`: the batch's `_raw` when it was written before
// and holds strings, else null. True when the encoding refers to it.
bool encode_column(const Column& column, const Column* raw, std::string& out);

// Reads one column of `rows` rows. Strings are borrowed from the bytes under `in`, which `owner`
// keeps alive. `raw`: the column that encodings may refer to, read from the same bytes; or null,
// and they may not. Every length is checked before memory is taken for it. Errors: kCorruption.
Result<ColumnPtr> decode_column(base::ByteReader& in, std::size_t rows, const Column* raw,
                                const Column::Owner& owner);

}  // namespace lynxdb::event
