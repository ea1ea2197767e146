// Paths into JSON text: `a.b[0].c`, `items.sku`, `[-1]`, `[*]`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.h"

namespace lynxdb::query {

// Immutable, thread-safe.
class JsonPath {
 public:
  struct Step {
    enum class Kind : std::uint8_t { kKey, kIndex, kAll };
    Kind kind = Kind::kKey;
    std::string key;
    std::int64_t index = 0;  // Negative counts from the end.
  };

  // Nullopt for a text that is no path. The empty path means the whole document.
  static std::optional<JsonPath> parse(std::string_view path);

  // The value at this path in `json`, or null when there is none. Scalars typed as in documents;
  // objects, and arrays that hold objects or arrays, as JSON text; other arrays as lists. `[*]`,
  // and a key that meets an array, go on with each element and give a list. Text that is no JSON
  // object or array gives null; damage behind the path's end may go unnoticed.
  event::Value extract(std::string_view json) const;

  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

// Text that may be a JSON object or array: starts like one.
bool looks_like_json(std::string_view text);

}  // namespace lynxdb::query
