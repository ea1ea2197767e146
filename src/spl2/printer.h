// Canonical SPL2 text of syntax trees, for `explain`, saved queries and tests.
//
// What is printed parses to the same tree, positions, hints and call texts aside: parsing and
// printing again gives the same text. Default names of outputs are left out.
#pragma once

#include <string>

#include "spl2/ast.h"

namespace lynxdb::spl2 {

std::string to_text(const Expr& expr);
std::string to_text(const SearchExpr& expr);
std::string to_text(const Aggregate& aggregate);
std::string to_text(const ByKey& key);
std::string to_text(const Command& command);
std::string to_text(const Pipeline& pipeline);  // `FROM a | ...`; without FROM if none was written.
std::string to_text(const Query& query);        // One definition per line, then the pipeline.

}  // namespace lynxdb::spl2
