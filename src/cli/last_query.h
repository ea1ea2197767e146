// The query that `lynxdb last` repeats: a small file in the user's data directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"

namespace lynxdb::cli {

struct LastQuery {
  std::string text;
  std::optional<std::string> since;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::vector<std::string> files;  // Absolute.
};

// Best effort: a query does not fail because it cannot be remembered. What reads standard input is
// not remembered, for its data is gone.
void remember_query(const std::string& text, const Arguments& arguments);

// Errors: kNotFound (nothing remembered), kCorruption.
Result<LastQuery> remembered_query();

}  // namespace lynxdb::cli
