// The answer of another node that runs a part of a query, as it comes.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace lynxdb::cluster {

// Destroying it ends the work there. `next` belongs to one thread, `cancel` to any.
class ShareStream {
 public:
  virtual ~ShareStream() = default;

  // Blocks. nullopt: that was all. Errors: kUnavailable, kTimeout; kConflict, the rows are not kept
  // any longer; those of the work.
  virtual Result<std::optional<std::string>> next() = 0;
  virtual void cancel() = 0;
};

}  // namespace lynxdb::cluster
