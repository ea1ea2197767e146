// Advice for `where level=error`: the right side is a field, no event has it, and quotes were
// meant.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/operator.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// Belongs to the query's thread; the transforms that it makes are thread-safe and keep what they
// need alive.
class UnquotedValues {
 public:
  // `where`, made from `command`, with an eye on the fields right of its `=` and `!=`. Other
  // commands' transforms come back as they are.
  TransformPtr watch(const spl2::Command& command, TransformPtr where);

  // One for each comparison whose right field had no value in any row so far, if there were rows.
  std::vector<std::string> hints() const;

 private:
  struct Comparison;
  class Watch;

  static void collect(const spl2::Expr& condition,
                      std::vector<std::shared_ptr<Comparison>>& comparisons);

  std::vector<std::shared_ptr<Comparison>> comparisons_;
};

}  // namespace lynxdb::query
