// Compares rows as they are printed.
#pragma once

#include <string>
#include <vector>

namespace lynxdb::oracle {

// How rows of one query are compared.
struct Strictness {
  // Relative error that numbers may have: 0, or 1e-9 for averages, deviations, percentiles and
  // roots.
  double tolerance = 0;
  // The order of fields, and whether a field is null or not printed. Where rows of several branches
  // meet (append, join ...) or fields are named by globs, the specification leaves the order open.
  bool fields_exact = true;
};
Strictness strictness(const std::string& query);

// Why two results differ; "" if they do not. Rows are compared in order.
std::string first_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& actual, const Strictness& strictness);

}  // namespace lynxdb::oracle
