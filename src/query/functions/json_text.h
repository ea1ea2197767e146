// JSON text taken apart without building a tree: types, members and elements as pieces of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/json_path.h"

namespace lynxdb::query {

enum class JsonType : std::uint8_t { kNull, kBool, kInt, kFloat, kString, kArray, kObject };

// "null", "bool", "int", "float", "string", "array", "object".
std::string_view to_string(JsonType type);

// The type of a whole JSON text; nullopt when it is not valid (RFC 8259; nested at most 512 deep).
std::optional<JsonType> json_type(std::string_view text);

struct JsonMember {
  std::string_view key;  // As written, quotes included.
  std::string_view value;
};

// Of a valid object or array; nullopt for anything else. Pieces point into `text`.
std::optional<std::vector<JsonMember>> json_members(std::string_view text);
std::optional<std::vector<std::string_view>> json_elements(std::string_view text);

// A string as written, quotes included, to what it means.
std::string json_unquote(std::string_view quoted);

// The piece at `path`, exact: nothing when a step has `[*]` or does not fit.
std::optional<std::string_view> json_at(std::string_view text, const JsonPath& path);

// `text` with the piece at `path` replaced by `value` (JSON text), or without it when `value` is
// nullopt. Missing members are added, an index equal to the array's size appends; a path that fits
// neither leaves the text as it is. Nullopt when `text` is not valid.
std::optional<std::string> json_replace(std::string_view text, const JsonPath& path,
                                        std::optional<std::string_view> value);

// Members of `a`, those of `b` in their place or behind them. Nullopt unless both are objects.
std::optional<std::string> json_merge(std::string_view a, std::string_view b);

}  // namespace lynxdb::query
