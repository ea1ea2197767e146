// A request body that is one JSON object: its members, checked against what the route knows.
#pragma once

#include <cstdint>
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

enum class RepeatedMember : std::uint8_t {
  kRefused,   // kInvalidArgument
  kLastWins,  // The others are left out.
};

// Members in order. Errors: kParse when `text` is no JSON object in UTF-8; of a repeated member.
Result<std::vector<JsonMember>> read_json_object(std::string_view text, RepeatedMember repeated);

// kInvalidArgument naming the first member that is not in `known`, with the nearest known name.
Result<> check_known(std::span<const JsonMember> members, std::span<const std::string_view> known);

}  // namespace lynxdb::server
