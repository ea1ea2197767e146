#include "event/parse/json_document.h"

#include <algorithm>

namespace lynxdb::event {
namespace {

bool is_envelope_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {"event", "time",  "source", "sourcetype",
                                                      "host",  "index", "fields"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string_view slice(const char* begin, const JsonReader& in) {
  return {begin, static_cast<std::size_t>(in.position() - begin)};
}

}  // namespace

JsonDocument::Outcome JsonDocument::read(std::string_view text) {
  row_.begin();
  counts_ = assembler_.counts_unwanted(text.size());
  path_.clear();
  previous_ = BatchAssembler::kNoSlot;
  JsonReader in(text);
  in.skip_spaces();
  Shape shape;
  if (!walk_object(in, 1, &shape)) return Outcome::kNoObject;
  in.skip_spaces();
  if (!in.at_end()) return Outcome::kNoObject;
  const bool is_envelope = shape.may_be_envelope && shape.has_event && read_envelope(text);
  return is_envelope ? Outcome::kEnvelope : Outcome::kDocument;
}

bool JsonDocument::add_object(std::string_view text) {
  counts_ = assembler_.counts_unwanted(text.size());
  path_.clear();
  previous_ = BatchAssembler::kNoSlot;
  JsonReader in(text);
  in.skip_spaces();
  return walk_object(in, 1, nullptr);
}

bool JsonDocument::walk_object(JsonReader& in, std::size_t level, Shape* shape) {
  if (!in.take('{')) return false;
  in.skip_spaces();
  if (in.take('}')) return true;
  for (;;) {
    if (!walk_member(in, level, shape)) return false;
    in.skip_spaces();
    if (in.take('}')) return true;
    if (!in.take(',')) return false;
  }
}

bool JsonDocument::walk_member(JsonReader& in, std::size_t level, Shape* shape) {
  JsonString raw_name;
  if (!in.read_name(raw_name)) return false;
  const std::string_view name = unescaped(raw_name);
  if (shape != nullptr && shape->may_be_envelope) {
    shape->may_be_envelope = is_envelope_name(name);
    shape->has_event = shape->has_event || name == "event";
  }
  if (name.empty()) return in.skip_value();

  std::string_view full_name = name;
  const std::size_t path_size = path_.size();
  if (level > 1) {
    path_.append(name);
    full_name = path_;
  }
  const Slot slot = assembler_.slot_after(previous_, full_name);
  if (slot != BatchAssembler::kNoSlot) previous_ = slot;
  const bool goes_down = in.peek() == '{' && level < kLevelsMax;
  if (counts_ && !goes_down) count_value(in, slot);
  const bool is_idle = slot != BatchAssembler::kNoSlot && assembler_.role(slot).is_idle();
  if (is_idle && !(counts_ && goes_down)) {
    path_.resize(path_size);
    return in.skip_value();
  }
  if (!goes_down) {
    path_.resize(path_size);
    return walk_value(in, slot);
  }
  if (level == 1) path_.assign(name);
  path_.push_back('.');
  const bool fits = walk_object(in, level + 1, nullptr);
  path_.resize(path_size);
  return fits;
}

// Nulls and empty lists are no values.
void JsonDocument::count_value(const JsonReader& in, Slot slot) {
  if (slot == BatchAssembler::kNoSlot || in.peek() == 'n') return;
  JsonReader ahead = in;
  if (ahead.take('[')) {
    ahead.skip_spaces();
    if (ahead.peek() == ']') return;
  }
  assembler_.count_unwanted(slot);
}

bool JsonDocument::walk_value(JsonReader& in, Slot slot) {
  switch (in.peek()) {
    case '"':
      return add_string(in, slot);
    case '[':
      return assembler_.is_field(slot) ? add_array(in, slot) : in.skip_value();
    case '{':
      return add_text(in, slot);
    default: {
      ValueView value;
      if (!in.read_plain(value)) return false;
      row_.add(slot, value);
      return true;
    }
  }
}

bool JsonDocument::add_string(JsonReader& in, Slot slot) {
  JsonString string;
  if (!in.read_string(string)) return false;
  if (slot == BatchAssembler::kNoSlot) return true;
  row_.add(slot, ValueView::string(unescaped(string)));
  return true;
}

// The JSON text of a value that is not taken apart.
bool JsonDocument::add_text(JsonReader& in, Slot slot) {
  const char* begin = in.position();
  if (!in.skip_value()) return false;
  row_.add(slot, ValueView::string(slice(begin, in)));
  return true;
}

// Reads up to the first element that is an array or object; then `is_flat` is false.
bool JsonDocument::read_elements(JsonReader& in, bool& is_flat) {
  elements_.clear();
  is_flat = true;
  in.take('[');
  in.skip_spaces();
  if (in.take(']')) return true;
  for (;;) {
    in.skip_spaces();
    ValueView value;
    JsonString string;
    if (in.peek() == '{' || in.peek() == '[') {
      is_flat = false;
      return true;
    }
    if (in.peek() == '"') {
      if (!in.read_string(string)) return false;
      value = ValueView::string(unescaped(string));
    } else if (!in.read_plain(value)) {
      return false;
    }
    if (!value.is_null()) elements_.push_back(value);
    in.skip_spaces();
    if (in.take(']')) return true;
    if (!in.take(',')) return false;
  }
}

bool JsonDocument::add_array(JsonReader& in, Slot slot) {
  const char* begin = in.position();
  bool is_flat = true;
  if (!read_elements(in, is_flat)) return false;
  if (is_flat) {
    row_.add_list(slot, elements_);
    return true;
  }
  in.rewind(begin);
  return add_text(in, slot);
}

// --- Envelopes -----------------------------------------------------------------------------------

bool JsonDocument::read_envelope(std::string_view text) {
  envelope_ = {};
  JsonReader in(text);
  in.skip_spaces();
  in.take('{');
  do {
    JsonString name;
    if (!in.read_name(name)) return false;
    if (!read_envelope_member(in, unescaped(name))) return false;
    in.skip_spaces();
  } while (in.take(','));
  // An event that is null or an array is an ordinary field of an ordinary document.
  return !envelope_.event.empty() && envelope_.event.front() != '[' &&
         envelope_.event.front() != 'n';
}

bool JsonDocument::read_envelope_member(JsonReader& in, std::string_view name) {
  const char* begin = in.position();
  if (name == "event" || name == "fields") {
    if (!in.skip_value()) return false;
    const std::string_view value = slice(begin, in);
    if (name == "event") {
      envelope_.event = value;
      return true;
    }
    envelope_.fields = value.front() == '{' ? value : std::string_view();
    return value.front() == '{' || value == "null";
  }
  bool fits = true;
  const std::string_view label = label_of(in, fits);
  if (name == "time") {
    envelope_.time_ns = parse_timestamp(label, defaults_);
  } else if (name == "source") {
    envelope_.source = label;
  } else if (name == "sourcetype") {
    envelope_.sourcetype = label;
  } else if (name == "host") {
    envelope_.host = label;
  } else {
    envelope_.index = label;
  }
  return fits;
}

// A scalar's text; null is absent. Arrays and objects are no labels.
std::string_view JsonDocument::label_of(JsonReader& in, bool& fits) {
  const char* begin = in.position();
  JsonString string;
  if (in.peek() == '"') {
    fits = in.read_string(string);
    const std::string_view value = unescaped(string);
    return value.empty() ? std::string_view("") : value;
  }
  ValueView ignored;
  fits = in.peek() != '{' && in.peek() != '[' && in.read_plain(ignored);
  const std::string_view value = slice(begin, in);
  return value == "null" ? std::string_view() : value;
}

}  // namespace lynxdb::event
