// Whether all that this node had written is still there at its next start: written bytes survive
// the death of the process, but what was not synced does not survive that of the machine.
#pragma once

#include <string>

#include "base/result.h"
#include "io/file.h"

namespace lynxdb::instance {

// Reads what the life before left in `directory`, and leaves that this one has begun. True when
// that one ended in order, or when the machine has been up ever since.
Result<bool> begin_life(io::FileSystem& files, const std::string& directory);

// Everything is synced, and nothing more will be written.
Result<> end_life(io::FileSystem& files, const std::string& directory);

}  // namespace lynxdb::instance
