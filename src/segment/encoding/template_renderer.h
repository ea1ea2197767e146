// Writes the values of template slots as text, row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/column.h"
#include "event/time/civil.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/slot_values.h"
#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

// Memory for strings that are written front to back, one at a time.
class TextRoom {
 public:
  // Room for `bytes` more of the current string, which may move.
  char* reserve(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
    return at_;
  }
  void written(std::size_t bytes) { at_ += bytes; }
  void append(std::string_view text) {
    char* const to = reserve(text.size());
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    written(text.size());
  }
  std::size_t unfinished() const { return static_cast<std::size_t>(at_ - begin_); }
  // The string since the last call.
  std::string_view finish() {
    const std::string_view text(begin_, static_cast<std::size_t>(at_ - begin_));
    begin_ = at_;
    return text;
  }

 private:
  void grow(std::size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

// Appends `value` in the form of `spec`, a kind with numbers. False for values it cannot have
// (negative, too many digits): they come from damage alone.
bool render_number(const SlotSpec& spec, std::int64_t value, TextRoom& room);

// Appends what `spec`, a reference, makes of a value. False when it fits none.
bool render_reference(const SlotSpec& spec, event::ValueView value, std::string& scratch,
                      TextRoom& room);

void render_hex(const char* bytes, std::size_t size, TextRoom& room);

}  // namespace lynxdb::segment
