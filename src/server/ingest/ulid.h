// ULIDs: ids that sort by the time they were made. 48 bits of milliseconds, 80 bits of chance, as
// 26 characters of Crockford's base 32.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "event/column.h"

namespace lynxdb::server {

class Ulid {
 public:
  static constexpr std::size_t kTextBytes = 26;

  // A new one. Thread-safe.
  static Ulid make(std::int64_t wall_ns);
  // The same for the same key, so of no time: for what may be sent, and must be named, again.
  static Ulid of(std::string_view key);
  // The one after it: of the events of one request, each has the id after that of the one before.
  void advance();
  void write(char* out) const;  // kTextBytes characters.
  std::string text() const;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

// One id per row, from `id` on.
event::ColumnPtr make_ids(std::size_t rows, Ulid id);

}  // namespace lynxdb::server
