// For tests: JSON lines of recurring shapes with all kinds of values, and damaged ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace lynxdb::event::testing {

// The same seed and calls give the same lines.
class JsonLineGenerator {
 public:
  explicit JsonLineGenerator(std::uint32_t seed) : values_(seed) {}

  // With its line end. Lines of the same shape differ in their scalars only.
  std::string line(std::uint32_t shape) {
    shape_.seed(shape);
    std::string out = object(0);
    return out + (of_shape(10) == 0 ? "\r\n" : "\n");
  }

  // One or two bytes changed, put in or taken out; the line end stays.
  std::string damaged(std::string line) {
    static constexpr char kBytes[] = "\"\\{}[]:,0-.eE tn\x01\xc3\xa4\xff";
    const std::size_t changes = 1 + pick(2);
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = pick(line.size() - 1);
      const char byte = kBytes[pick(sizeof kBytes - 1)];
      switch (pick(3)) {
        case 0:
          line[at] = byte;
          break;
        case 1:
          line.insert(at, 1, byte);
          break;
        default:
          line.erase(at, 1);
          break;
      }
    }
    return line;
  }

  // Of the values, not the shape.
  std::size_t pick(std::size_t n) { return values_() % n; }

 private:
  std::size_t of_shape(std::size_t n) { return shape_() % n; }
  std::string space(const std::string& text) { return of_shape(8) == 0 ? text + " " : text; }

  std::string object(int depth) {  // NOLINT(misc-no-recursion)
    static const std::vector<std::string> kNames = {
        "time",    "host",       "source",     "level",        "status",    "event",
        "_time",   "@timestamp", "hostname",   "agent",        "index",     "_raw",
        "_source", "name",       "a",          "a.b",          "b",         "ts",
        "message", "fields",     "sourcetype", "sch\xc3\xb6n", "caf\\u00e9"};
    std::string out = "{";
    const std::size_t size = 1 + of_shape(5);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out += space(",");
      out += "\"" + kNames[of_shape(kNames.size())] +
             (of_shape(12) == 0 ? std::string(of_shape(70), 'n') : "") + "\"" + space(":");
      out += depth < 3 && of_shape(4) == 0 ? object(depth + 1) : value();
    }
    return out + "}";
  }

  std::string value() {
    if (of_shape(6) > 0) return scalar();
    std::string out = "[";
    const std::size_t size = pick(4);
    for (std::size_t i = 0; i < size; ++i)
      out += (i > 0 ? (pick(3) == 0 ? ", " : ",") : "") + scalar();
    return out + "]";
  }

  std::string scalar() {
    static const std::vector<std::string> kScalars = {"0",
                                                      "1",
                                                      "-1",
                                                      "200",
                                                      "-0",
                                                      "1.5",
                                                      "-0.25",
                                                      "3.141592653589793",
                                                      "123456789012345678",
                                                      "12345678901234567890",
                                                      "0.1e2",
                                                      "1E-7",
                                                      "1e308",
                                                      "1e309",
                                                      "9007199254740993",
                                                      "9007199254740993.0",
                                                      "0.30000000000000004",
                                                      "1715000000",
                                                      "1715000000.5",
                                                      "true",
                                                      "false",
                                                      "null",
                                                      "\"\"",
                                                      "\"x\"",
                                                      "\"a\\nb\"",
                                                      "\"\\\\\"",
                                                      "\"\\\"\"",
                                                      "\"\\u0041\\u00e4\\u20ac\"",
                                                      "\"\\ud83d\\ude00\"",
                                                      "\"\\ud83d\"",
                                                      "\"\xc3\xa4\"",
                                                      "\"\xf0\x9f\x98\x80\"",
                                                      "\"\xff\"",
                                                      "\"\xed\xa0\x80\"",
                                                      "\"\t\"",
                                                      "\"2024-05-01T00:00:00.053Z\"",
                                                      "\"web-1\"",
                                                      "{\"x\":1}"};
    if (pick(4) == 0) return "\"" + std::string(pick(100), 's') + "\"";
    if (pick(2) == 0) return std::to_string(pick(1000));
    return kScalars[pick(kScalars.size())];
  }

  std::mt19937 values_;
  std::mt19937 shape_;
};

}  // namespace lynxdb::event::testing
