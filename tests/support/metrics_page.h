// What a page of metrics in Prometheus' text format says.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lynxdb::tests {

// The value of `sample`, as it stands on the page: `lynxdb_segments`, or with its labels:
// `lynxdb_query_failures_total{reason="error"}`. 0, and a failure of the test, when it is not
// there.
inline std::int64_t value_on_page(std::string_view page, std::string_view sample) {
  const std::string start = "\n" + std::string(sample) + " ";
  const std::size_t at = page.find(start);
  EXPECT_NE(at, std::string_view::npos) << sample;
  if (at == std::string_view::npos) return 0;
  return std::atoll(std::string(page.substr(at + start.size(), 32)).c_str());
}

}  // namespace lynxdb::tests
