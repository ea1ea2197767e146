// Messages as bytes (docs/formats/raft.md). Whoever reads them trusts nothing: any bytes give a
// message or an error, and what a message claims about counts and sizes is checked before memory is
// taken for it. Whether it makes sense is for Raft::receive to say.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "raft/message.h"

namespace lynxdb::raft {

// The entries of an append must follow its `previous` without a gap.
void encode(const Message& message, std::string& out);
// Of a whole message, nothing behind it. Errors: kCorruption.
Result<Message> decode_message(std::string_view bytes);

}  // namespace lynxdb::raft
