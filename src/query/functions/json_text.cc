#include "query/functions/json_text.h"

#include <span>
#include <utility>

#include "base/ascii.h"
#include "event/value.h"

namespace lynxdb::query {
namespace {

constexpr int kDepthMax = 512;
constexpr std::size_t kBad = std::string_view::npos;

using base::is_digit;

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Finds where values end, checking them on the way. Positions are bytes; kBad = not JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t skip_spaces(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || (text_[at] >= '\t' && text_[at] <= '\r' &&
                                                      text_[at] != '\v' && text_[at] != '\f')))
      ++at;
    return at;
  }

  // One past the value that begins at `at`.
  std::size_t skip_value(std::size_t at, int depth) const {
    if (at >= text_.size() || depth > kDepthMax) return kBad;
    switch (text_[at]) {
      case '{':
      case '[':
        return skip_container(at, depth);
      case '"':
        return skip_string(at);
      case 't':
        return skip_word(at, "true");
      case 'f':
        return skip_word(at, "false");
      case 'n':
        return skip_word(at, "null");
      default:
        return skip_number(at);
    }
  }

  std::size_t skip_string(std::size_t at) const {
    if (at >= text_.size() || text_[at] != '"') return kBad;
    for (++at; at < text_.size(); ++at) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      if (byte == '"') return at + 1;
      if (byte < 0x20) return kBad;
      if (byte != '\\') continue;
      if (++at >= text_.size()) return kBad;
      if (text_[at] == 'u') {
        for (int i = 0; i < 4; ++i) {
          ++at;
          if (at >= text_.size() || hex_digit(text_[at]) < 0) return kBad;
        }
      } else if (std::string_view("\"\\/bfnrt").find(text_[at]) == std::string_view::npos) {
        return kBad;
      }
    }
    return kBad;
  }

  // Calls `visit(key, value)` for each member (or element, with an empty key) of the container at
  // `at`; one past its end.
  template <typename Visit>
  std::size_t for_each(std::size_t at, int depth, Visit visit) const {
    const bool object = text_[at] == '{';
    const char close = object ? '}' : ']';
    at = skip_spaces(at + 1);
    if (at < text_.size() && text_[at] == close) return at + 1;
    while (true) {
      std::string_view key;
      if (object) {
        const std::size_t end = skip_string(at);
        if (end == kBad) return kBad;
        key = text_.substr(at, end - at);
        at = skip_spaces(end);
        if (at >= text_.size() || text_[at] != ':') return kBad;
        at = skip_spaces(at + 1);
      }
      const std::size_t end = skip_value(at, depth + 1);
      if (end == kBad) return kBad;
      visit(key, text_.substr(at, end - at));
      at = skip_spaces(end);
      if (at >= text_.size()) return kBad;
      if (text_[at] == close) return at + 1;
      if (text_[at] != ',') return kBad;
      at = skip_spaces(at + 1);
    }
  }

 private:
  std::size_t skip_container(std::size_t at, int depth) const {
    return for_each(at, depth, [](std::string_view, std::string_view) {});
  }

  std::size_t skip_word(std::size_t at, std::string_view word) const {
    return text_.substr(at).starts_with(word) ? at + word.size() : kBad;
  }

  std::size_t skip_digits(std::size_t at) const {
    const std::size_t begin = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at == begin ? kBad : at;
  }

  std::size_t skip_number(std::size_t at) const {
    if (text_[at] == '-') ++at;
    const bool zero = at < text_.size() && text_[at] == '0';
    at = zero ? at + 1 : skip_digits(at);
    if (at != kBad && at < text_.size() && text_[at] == '.') at = skip_digits(at + 1);
    if (at == kBad || at >= text_.size() || (text_[at] != 'e' && text_[at] != 'E')) return at;
    ++at;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    return skip_digits(at);
  }

  std::string_view text_;
};

// The one value that `text` holds, without the spaces around it.
std::optional<std::string_view> only_value(std::string_view text) {
  const Scanner scanner(text);
  const std::size_t begin = scanner.skip_spaces(0);
  const std::size_t end = scanner.skip_value(begin, 0);
  if (end == kBad || scanner.skip_spaces(end) != text.size()) return std::nullopt;
  return text.substr(begin, end - begin);
}

void append_utf8(std::uint32_t c, std::string& out) {
  const auto tail = [&](std::uint32_t shift) {
    out += static_cast<char>(0x80U | (c >> shift & 0x3fU));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0U | c >> 6U);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0U | c >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | c >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

// The code unit written as \uXXXX with the `u` at `at`; 0 when there is none.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  if (at + 4 >= text.size() || text[at] != 'u') return 0;
  std::uint32_t unit = 0;
  for (std::size_t i = 1; i <= 4; ++i)
    unit = unit << 4U | static_cast<std::uint32_t>(hex_digit(text[at + i]) & 0xf);
  return unit;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Reads \uXXXX (with the `u` at `at`), a pair of surrogates as one character, half of a pair as
// U+FFFD; one past what was read.
std::size_t append_escaped_character(std::string_view text, std::size_t at, std::string& out) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  const std::uint32_t unit = code_unit(text, at);
  if (!is_high_surrogate(unit)) {
    append_utf8(is_low_surrogate(unit) ? kReplacement : unit, out);
    return at + 5;
  }
  const std::uint32_t low = text.substr(at + 5).starts_with('\\') ? code_unit(text, at + 6) : 0;
  if (!is_low_surrogate(low)) {
    append_utf8(kReplacement, out);
    return at + 5;
  }
  append_utf8(0x10000 + ((unit - 0xd800) << 10U) + (low - 0xdc00), out);
  return at + 11;
}

char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string_view to_string(JsonType type) {
  switch (type) {
    case JsonType::kNull:
      return "null";
    case JsonType::kBool:
      return "bool";
    case JsonType::kInt:
      return "int";
    case JsonType::kFloat:
      return "float";
    case JsonType::kString:
      return "string";
    case JsonType::kArray:
      return "array";
    case JsonType::kObject:
      return "object";
  }
  return "unknown";
}

std::optional<JsonType> json_type(std::string_view text) {
  const std::optional<std::string_view> value = only_value(text);
  if (!value) return std::nullopt;
  switch (value->front()) {
    case '{':
      return JsonType::kObject;
    case '[':
      return JsonType::kArray;
    case '"':
      return JsonType::kString;
    case 't':
    case 'f':
      return JsonType::kBool;
    case 'n':
      return JsonType::kNull;
    default:
      break;
  }
  const auto number = event::parse_number(*value);
  return number && number->type() == event::Type::kInt ? JsonType::kInt : JsonType::kFloat;
}

std::optional<std::vector<JsonMember>> json_members(std::string_view text) {
  const std::optional<std::string_view> value = only_value(text);
  if (!value || value->front() != '{') return std::nullopt;
  std::vector<JsonMember> members;
  Scanner(*value).for_each(0, 0, [&](std::string_view key, std::string_view member) {
    members.push_back({key, member});
  });
  return members;
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view text) {
  const std::optional<std::string_view> value = only_value(text);
  if (!value || value->front() != '[') return std::nullopt;
  std::vector<std::string_view> elements;
  Scanner(*value).for_each(
      0, 0, [&](std::string_view, std::string_view element) { elements.push_back(element); });
  return elements;
}

std::string json_unquote(std::string_view quoted) {
  std::string out;
  std::size_t at = 1;
  while (at + 1 < quoted.size()) {
    if (quoted[at] != '\\') {
      out += quoted[at++];
    } else if (quoted[at + 1] == 'u') {
      at = append_escaped_character(quoted, at + 1, out);
    } else {
      out += unescaped(quoted[at + 1]);
      at += 2;
    }
  }
  return out;
}

namespace {

using Step = JsonPath::Step;

// The last member of that name: duplicates are legal, and the last one counts.
std::optional<std::size_t> find_member(const std::vector<JsonMember>& members,
                                       std::string_view key) {
  for (std::size_t i = members.size(); i-- > 0;)
    if (json_unquote(members[i].key) == key) return i;
  return std::nullopt;
}

// Where `index` points in an array of `size`; `size` itself for one behind the end.
std::optional<std::size_t> element_index(std::int64_t index, std::size_t size) {
  if (index < 0) index += static_cast<std::int64_t>(size);
  if (index < 0 || static_cast<std::uint64_t>(index) > size) return std::nullopt;
  return static_cast<std::size_t>(index);
}

std::optional<std::string_view> step_into(std::string_view text, const Step& step) {
  if (step.kind == Step::Kind::kKey) {
    const auto members = json_members(text);
    const auto place = members ? find_member(*members, step.key) : std::nullopt;
    return place ? std::optional((*members)[*place].value) : std::nullopt;
  }
  if (step.kind == Step::Kind::kAll) return std::nullopt;
  const auto elements = json_elements(text);
  const auto place = elements ? element_index(step.index, elements->size()) : std::nullopt;
  return place && *place < elements->size() ? std::optional((*elements)[*place]) : std::nullopt;
}

std::string object_text(const std::vector<JsonMember>& members) {
  std::string out = "{";
  for (const JsonMember& member : members) {
    if (out.size() > 1) out += ',';
    out.append(member.key).append(":").append(member.value);
  }
  return out += '}';
}

std::string array_text(const std::vector<std::string_view>& elements) {
  std::string out = "[";
  for (const std::string_view element : elements) {
    if (out.size() > 1) out += ',';
    out += element;
  }
  return out += ']';
}

std::string replace_at(std::string_view text, std::span<const Step> steps,
                       std::optional<std::string_view> value);

// The text of a member or element that does not exist yet: what the rest of the path builds in an
// empty object.
std::string new_piece(std::span<const Step> rest, std::string_view value) {
  if (rest.empty()) return std::string(value);
  return replace_at(rest.front().kind == Step::Kind::kKey ? "{}" : "[]", rest, value);
}

std::string replace_in_object(std::vector<JsonMember> members, std::span<const Step> steps,
                              std::optional<std::string_view> value) {
  const auto place = find_member(members, steps[0].key);
  const std::span<const Step> rest = steps.subspan(1);
  std::string key;
  std::string piece;
  if (place && !value && rest.empty()) {
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(*place));
  } else if (place) {
    piece = rest.empty() ? std::string(*value) : replace_at(members[*place].value, rest, value);
    members[*place].value = piece;
  } else if (value) {
    event::append_json_string(steps[0].key, key);
    piece = new_piece(rest, *value);
    members.push_back({key, piece});
  }
  return object_text(members);
}

std::string replace_in_array(std::vector<std::string_view> elements, std::span<const Step> steps,
                             std::optional<std::string_view> value) {
  const auto place = element_index(steps[0].index, elements.size());
  const std::span<const Step> rest = steps.subspan(1);
  std::string piece;
  if (place && *place < elements.size()) {
    if (!value && rest.empty()) {
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*place));
    } else {
      piece = rest.empty() ? std::string(*value) : replace_at(elements[*place], rest, value);
      elements[*place] = piece;
    }
  } else if (place && value) {
    piece = new_piece(rest, *value);
    elements.push_back(piece);
  }
  return array_text(elements);
}

std::string replace_at(std::string_view text, std::span<const Step> steps,
                       std::optional<std::string_view> value) {
  if (steps.front().kind == Step::Kind::kKey)
    if (auto members = json_members(text))
      return replace_in_object(*std::move(members), steps, value);
  if (steps.front().kind == Step::Kind::kIndex)
    if (auto elements = json_elements(text))
      return replace_in_array(*std::move(elements), steps, value);
  return std::string(text);
}

}  // namespace

std::optional<std::string_view> json_at(std::string_view text, const JsonPath& path) {
  std::optional<std::string_view> piece = only_value(text);
  for (const Step& step : path.steps()) {
    if (!piece) return std::nullopt;
    piece = step_into(*piece, step);
  }
  return piece;
}

std::optional<std::string> json_replace(std::string_view text, const JsonPath& path,
                                        std::optional<std::string_view> value) {
  const std::optional<std::string_view> whole = only_value(text);
  if (!whole) return std::nullopt;
  if (path.steps().empty()) return value ? std::optional(std::string(*value)) : std::nullopt;
  return replace_at(*whole, path.steps(), value);
}

std::optional<std::string> json_merge(std::string_view a, std::string_view b) {
  auto merged = json_members(a);
  const auto added = json_members(b);
  if (!merged || !added) return std::nullopt;
  for (const JsonMember& member : *added) {
    if (const auto place = find_member(*merged, json_unquote(member.key)))
      (*merged)[*place].value = member.value;
    else
      merged->push_back(member);
  }
  return object_text(*merged);
}

}  // namespace lynxdb::query
