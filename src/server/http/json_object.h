// A request body that is one JSON object: its members, checked against what the route knows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/value.h"

namespace lynxdb::server {

struct JsonMember {
  std::string name;
  event::Value value;  // Of scalars; null for objects and arrays.
  std::string json;    // The value as written.
};

// Members in order; the last of a name wins, the others are left out. Errors: kParse when `text` is
// no JSON object in UTF-8.
Result<std::vector<JsonMember>> read_json_object(std::string_view text);

// kInvalidArgument naming the first member that is not in `known`, with the nearest known name.
Result<> check_known(std::span<const JsonMember> members, std::span<const std::string_view> known);

}  // namespace lynxdb::server
