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
  // Whether a field is null or not printed. Where fields are named by globs it depends on what a
  // batch holds.
  bool nulls_exact = true;
  // The order of fields. Where rows of several branches meet (append, join ...) in a command that
  // mixes them, or fields are named by globs, the specification leaves it open.
  bool order_exact = true;
};
Strictness strictness(const std::string& query);

// Why two results differ; "" if they do not. Rows are compared in order.
std::string first_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& actual, const Strictness& strictness);

}  // namespace lynxdb::oracle
