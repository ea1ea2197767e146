// Writes the values of template slots as text, row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "event/column.h"
#include "event/time/civil.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/slot_values.h"
#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

// Memory for strings that are written front to back, one at a time. Writers keep the place where
// the current string goes on themselves, so that it stays in a register.
class TextRoom {
 public:
  // Bytes that may be written, and given up again, behind the room that was asked for: short texts
  // are copied in pieces of this size.
  static constexpr std::size_t kSlack = 32;

  // Where the next string begins, with room for `bytes`.
  char* begin(std::size_t bytes) { return more(begin_, bytes); }
  // Room for `bytes` more of the current string, which has come to `at` and may move.
  char* more(char* at, std::size_t bytes) {
    return static_cast<std::size_t>(end_ - at) < bytes + kSlack ? grow(at, bytes) : at;
  }
  // The length of the current string.
  std::size_t size(const char* at) const { return static_cast<std::size_t>(at - begin_); }
  // The current string, which ends at `at`.
  std::string_view finish(char* at) {
    const std::string_view text(begin_, size(at));
    begin_ = at;
    return text;
  }

 private:
  char* grow(char* at, std::size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* begin_ = nullptr;
  char* end_ = nullptr;
};

// What these write goes to `out`, which has room for it and TextRoom::kSlack. They give its end.

// At most this many bytes come of a number.
inline constexpr std::size_t kNumberCharsMax = 48;

// `value` in the form of `spec`, a kind with numbers. Null for values it cannot have (negative, too
// many digits): they come from damage alone.
char* render_number(const SlotSpec& spec, std::int64_t value, char* out);

char* render_hex(const char* bytes, std::size_t size, char* out);

// `text`, behind which kSlack bytes can be read.
__attribute__((always_inline)) inline char* render_padded(std::string_view text, char* out) {
  std::memcpy(out, text.data(), TextRoom::kSlack);
  if (text.size() > TextRoom::kSlack) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Any `text`.
__attribute__((always_inline)) inline char* render_text(std::string_view text, char* out) {
  const std::size_t size = text.size();
  const char* const from = text.data();
  const auto copy_ends = [&]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>) {
    char head[Bytes];
    char tail[Bytes];
    std::memcpy(head, from, Bytes);
    std::memcpy(tail, from + size - Bytes, Bytes);
    std::memcpy(out, head, Bytes);
    std::memcpy(out + size - Bytes, tail, Bytes);
  };
  if (size > 32) {
    std::memcpy(out, from, size);
  } else if (size >= 16) {
    copy_ends(std::integral_constant<std::size_t, 16>());
  } else if (size >= 8) {
    copy_ends(std::integral_constant<std::size_t, 8>());
  } else if (size >= 4) {
    copy_ends(std::integral_constant<std::size_t, 4>());
  } else {
    for (std::size_t i = 0; i < size; ++i) out[i] = from[i];
  }
  return out + size;
}

// Appends what `spec`, a reference, makes of a value to the string in `room` that has come to `at`.
// Behind it there is room for `behind` bytes. Null when it fits none.
char* render_reference(const SlotSpec& spec, event::ValueView value, std::string& scratch,
                       TextRoom& room, char* at, std::size_t behind);

}  // namespace lynxdb::segment
