// Random expressions, search expressions and aggregates.
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/random.h"

namespace lynxdb::oracle {

// What a pipeline's rows have at one point, as far as the generator knows.
struct Scope {
  std::vector<std::string> fields;  // May be read; not every row has them.
  bool events = true;               // Still with _time and _raw.
  bool lists = false;               // Fields of one value may hold lists by now.
};

class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(Random& random) : random_(random) {}

  std::string any(const Scope& scope, int depth);
  std::string number(const Scope& scope, int depth);
  std::string text(const Scope& scope, int depth);
  std::string condition(const Scope& scope, int depth);
  std::string search(const Scope& scope, int depth);
  // "count, sum(ms) AS a1, ..."; adds the names to `outputs`.
  std::string aggregates(const Scope& scope, std::vector<std::string>& outputs,
                         bool additive = false);
  // A field that rows may have or not.
  std::string field(const Scope& scope);
  std::string plain_field(const Scope& scope);

 private:
  std::string literal();
  std::string aggregate(const Scope& scope, bool additive);
  std::string search_term(const Scope& scope);

  Random& random_;
  int names_ = 0;
};

}  // namespace lynxdb::oracle
