#include "server/http/json_object.h"

#include <algorithm>

#include "base/suggest.h"
#include "event/column.h"
#include "event/parse/json_reader.h"
#include "output/utf8.h"

namespace lynxdb::server {
namespace {

using event::JsonReader;
using event::JsonString;

class ObjectReader {
 public:
  explicit ObjectReader(std::string_view text) : in_(text) {}

  bool read(std::vector<JsonMember>& members) {
    in_.skip_spaces();
    if (!in_.take('{')) return false;
    in_.skip_spaces();
    bool is_first = true;
    while (!in_.take('}')) {
      if (!is_first && !in_.take(',')) return false;
      is_first = false;
      if (!read_member(members)) return false;
      in_.skip_spaces();
    }
    in_.skip_spaces();
    return in_.at_end();
  }

  // The last name that came twice; "" = none.
  const std::string& repeated() const { return repeated_; }

 private:
  bool read_member(std::vector<JsonMember>& members) {
    in_.skip_spaces();
    JsonString name;
    if (!in_.read_name(name)) return false;
    JsonMember member{.name = std::string(event::unescaped(name, arena_)), .value = {}, .json = {}};
    const char* begin = in_.position();
    if (!read_value(member)) return false;
    member.json.assign(begin, in_.position());
    if (std::erase_if(members, [&](const JsonMember& known) { return known.name == member.name; }))
      repeated_ = member.name;
    members.push_back(std::move(member));
    return true;
  }

  bool read_value(JsonMember& member) {
    const char c = in_.peek();
    if (c == '{' || c == '[') return in_.skip_value();
    if (c == '"') {
      JsonString text;
      if (!in_.read_string(text)) return false;
      member.value = event::Value::string(std::string(event::unescaped(text, arena_)));
      return true;
    }
    event::ValueView value;
    if (!in_.read_plain(value)) return false;
    member.value = value.to_value();
    return true;
  }

  JsonReader in_;
  event::Arena arena_;
  std::string repeated_;
};

}  // namespace

Result<std::vector<JsonMember>> read_json_object(std::string_view text, RepeatedMember repeated) {
  constexpr std::size_t kMembersMax = 1000;
  std::vector<JsonMember> members;
  ObjectReader reader(text);
  if (!output::is_valid_utf8(text) || !reader.read(members) || members.size() > kMembersMax)
    return Error{ErrorCode::kParse, "the body is no JSON object"};
  if (repeated == RepeatedMember::kRefused && !reader.repeated().empty())
    return Error{ErrorCode::kInvalidArgument, "'" + reader.repeated() + "' is given twice"};
  return members;
}

Result<> check_known(std::span<const JsonMember> members, std::span<const std::string_view> known) {
  for (const JsonMember& member : members) {
    if (std::ranges::find(known, member.name) != known.end()) continue;
    Error error{ErrorCode::kInvalidArgument, "unknown field '" + member.name + "'"};
    if (const auto nearest = base::suggest(member.name, known))
      error.suggestion = "did you mean " + *nearest + "?";
    return error;
  }
  return {};
}

}  // namespace lynxdb::server
