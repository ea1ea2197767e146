#include "event/parse/json_array.h"

namespace lynxdb::event {

bool is_json_array(std::string_view text) {
  JsonReader in(text);
  in.skip_spaces();
  return in.peek() == '[';
}

JsonArray::JsonArray(std::string_view text) : in_(text) {
  in_.skip_spaces();
  in_.take('[');
}

std::optional<std::string_view> JsonArray::end(bool is_broken) {
  is_done_ = true;
  is_broken_ = is_broken;
  return std::nullopt;
}

std::optional<std::string_view> JsonArray::next() {
  if (is_done_) return std::nullopt;
  in_.skip_spaces();
  if (in_.take(']')) {
    in_.skip_spaces();
    return end(!in_.at_end());
  }
  if (!is_first_ && !in_.take(',')) return end(true);
  is_first_ = false;
  in_.skip_spaces();
  const char* begin = in_.position();
  if (!in_.skip_value()) return end(true);
  return std::string_view(begin, static_cast<std::size_t>(in_.position() - begin));
}

}  // namespace lynxdb::event
