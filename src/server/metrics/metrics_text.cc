#include "server/metrics/metrics_text.h"

#include <fmt/format.h>

namespace lynxdb::server {

MetricsText& MetricsText::family(std::string_view name, std::string_view type,
                                 std::string_view help) {
  family_ = "lynxdb_" + std::string(name);
  text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", family_, help, type);
  return *this;
}

MetricsText& MetricsText::sample(double value, Labels labels) {
  return write(fmt::format("{}", value), labels);
}

MetricsText& MetricsText::write(std::string_view value, Labels labels) {
  text_ += family_;
  char open = '{';
  for (const auto& [name, label] : labels) {
    text_ += std::exchange(open, ',');
    text_.append(name).append("=\"");
    for (const char c : label) {
      if (c == '"' || c == '\\') text_ += '\\';
      c == '\n' ? text_ += "\\n" : text_ += c;
    }
    text_ += '"';
  }
  if (open == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
  return *this;
}

MetricsText& MetricsText::histogram(std::string_view name, std::string_view help,
                                    const LatencyHistogram& values) {
  family(name, "histogram", help);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= LatencyHistogram::kBounds.size(); ++i) {
    below += values.bucket(i);
    const std::string bound = i == LatencyHistogram::kBounds.size()
                                  ? "+Inf"
                                  : fmt::format("{}", LatencyHistogram::kBounds[i]);
    text_ += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", family_, bound, below);
  }
  // The counts were read one by one: the sum of the buckets is the count that fits them.
  text_ += fmt::format("{0}_sum {1}\n{0}_count {2}\n", family_, values.sum_seconds(), below);
  return *this;
}

}  // namespace lynxdb::server
