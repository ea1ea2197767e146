// Metrics in Prometheus' text format, version 0.0.4.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/metrics/histogram.h"

namespace lynxdb::server {

// Belongs to one thread. Samples of one family must follow each other.
class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Opens a family: "lynxdb_" is put before the name. `type`: counter, gauge.
  MetricsText& family(std::string_view name, std::string_view type, std::string_view help);
  MetricsText& sample(double value, Labels labels = {});
  template <std::integral T>
  MetricsText& sample(T value, Labels labels = {}) {
    return write(std::to_string(value), labels);
  }
  template <typename T>
  MetricsText& counter(std::string_view name, std::string_view help, T value) {
    return family(name, "counter", help).sample(value);
  }
  template <typename T>
  MetricsText& gauge(std::string_view name, std::string_view help, T value) {
    return family(name, "gauge", help).sample(value);
  }
  MetricsText& histogram(std::string_view name, std::string_view help,
                         const LatencyHistogram& values);

  const std::string& text() const { return text_; }

 private:
  MetricsText& write(std::string_view value, Labels labels);

  std::string text_;
  std::string family_;
};

}  // namespace lynxdb::server
