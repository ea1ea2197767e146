// The encoding of one value with its type, a part of batch_codec.h; docs/formats/event-batch.md
// gives the bytes.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "event/value.h"

namespace lynxdb::event {

// Appends the encoding of `value` to `out`.
void encode_value(const Value& value, std::string& out);

// Reads one value. At the end of the bytes the reader is failed and the value means nothing: the
// caller asks the reader. Errors: kCorruption.
Result<Value> decode_value(base::ByteReader& in, bool lists_allowed);

}  // namespace lynxdb::event
