// A request body that is one JSON array: its elements, one by one.
#pragma once

#include <optional>
#include <string_view>

#include "event/parse/json_reader.h"

namespace lynxdb::event {

// The first visible byte is `[`.
bool is_json_array(std::string_view text);

// Borrowed from the text.
class JsonArray {
 public:
  explicit JsonArray(std::string_view text);

  // The next element's text; nullopt at the end, or where the array is malformed.
  std::optional<std::string_view> next();
  bool is_broken() const { return is_broken_; }

 private:
  std::optional<std::string_view> end(bool is_broken);

  JsonReader in_;
  bool is_first_ = true;
  bool is_done_ = false;
  bool is_broken_ = false;
};

}  // namespace lynxdb::event
