// JSON text of single values, written straight into an output buffer.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "event/value.h"
#include "output/output_buffer.h"

namespace lynxdb::output {

// `text` quoted and escaped; bytes that are not UTF-8 become U+FFFD. The same text as
// event::append_json_string, several times faster on plain text.
void append_json_string(std::string_view text, OutputBuffer& out);

// Writes values of one column, row after row. Belongs to one thread.
class JsonCells {
 public:
  void append(event::ValueView value, OutputBuffer& out);
  void append_timestamp(std::int64_t ns, OutputBuffer& out);
  void append_float(double v, OutputBuffer& out);
  static void append_int(std::int64_t v, OutputBuffer& out);

 private:
  // Neighbouring events mostly share their second: its text is kept.
  std::int64_t second_ = std::numeric_limits<std::int64_t>::min();
  std::string second_text_;
  std::string scratch_;
};

}  // namespace lynxdb::output
