#include "event/parse/layout_path.h"

#include "base/check.h"
#include "event/parse/json_reader.h"

namespace lynxdb::event {
namespace {

// Scanned before: reading it again cannot fail.
ValueView read_scalar(JsonReader& reader, Arena& arena) {
  if (reader.peek() == '"') {
    JsonString string;
    LYNXDB_CHECK(reader.read_string(string));
    return ValueView::string(string.has_escapes ? unescaped_copy(string.raw, arena) : string.raw);
  }
  ValueView value;
  LYNXDB_CHECK(reader.read_plain(value));
  return value;
}

// At most 18 digits.
std::int64_t read_int(std::string_view text) {
  const bool negative = text.front() == '-';
  std::int64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

}  // namespace

bool LayoutPath::is_read(const NameRole& role) const {
  using Special = NameRole::Special;
  if (role.is_idle()) return false;
  if (role.special == Special::kSource) return assembler_.wants_source();
  if (role.special == Special::kRaw) return assembler_.wants_raw();
  return true;
}

const LayoutPath::Bindings& LayoutPath::bindings(std::size_t layout) {
  std::optional<Bindings>& bindings = bindings_[layout];
  if (bindings) return *bindings;
  bindings.emplace();
  const std::vector<std::string>& names = layouts_.layout(layout).names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Slot slot = assembler_.slot(names[i]);
    const NameRole role = slot == BatchAssembler::kNoSlot ? NameRole() : assembler_.role(slot);
    if (slot != BatchAssembler::kNoSlot && !is_read(role)) continue;
    bindings->push_back(
        {.value = i, .slot = slot, .only_field = role.is_field && !role.has_meaning()});
  }
  return *bindings;
}

void LayoutPath::add_list(Slot slot, std::string_view array) {
  elements_.clear();
  JsonReader reader(array);
  reader.take('[');
  reader.skip_spaces();
  while (!reader.take(']')) {
    const ValueView element = read_scalar(reader, assembler_.arena());
    if (!element.is_null()) elements_.push_back(element);
    reader.skip_spaces();
    reader.take(',');
    reader.skip_spaces();
  }
  row_.add_list(slot, elements_);
}

// The names of a layout are all different, so that a value may go to its column at once.
bool LayoutPath::add_directly(Slot slot, const JsonSlice& value) {
  ColumnBuilder* column = assembler_.direct_column(slot);
  if (column == nullptr) return false;
  switch (value.kind) {
    case JsonKind::kNull:
      return true;
    case JsonKind::kFalse:
    case JsonKind::kTrue:
      column->append_bool(value.kind == JsonKind::kTrue);
      return true;
    case JsonKind::kInt:
      column->append_int(read_int(value.text()));
      return true;
    case JsonKind::kFloat: {
      JsonReader reader(value.text());
      column->append(read_scalar(reader, assembler_.arena()));
      return true;
    }
    case JsonKind::kString:
      column->append_borrowed_string(value.text());
      return true;
    default:
      return false;
  }
}

void LayoutPath::add(const Binding& binding, const JsonSlice& value) {
  const Slot slot = binding.slot;
  if (binding.only_field && add_directly(slot, value)) return;
  switch (value.kind) {
    case JsonKind::kString:
      return row_.add(slot, ValueView::string(value.text()));
    case JsonKind::kArray:
      return add_list(slot, value.text());
    case JsonKind::kEscapedString:
      return row_.add(slot, ValueView::string(unescaped_copy(value.text(), assembler_.arena())));
    default: {
      JsonReader reader(value.text());
      return row_.add(slot, read_scalar(reader, assembler_.arena()));
    }
  }
}

const char* LayoutPath::append_line(const char* line) {
  const std::optional<JsonLayouts::Match> match = layouts_.match(line);
  if (!match) return nullptr;
  std::string_view raw(line, static_cast<std::size_t>(match->line_end - line) - 1);
  if (raw.ends_with('\r')) raw.remove_suffix(1);
  if (raw.size() > options_.line_bytes_max) return nullptr;

  row_.begin();
  for (const Binding& binding : bindings(match->layout)) {
    if (binding.slot == BatchAssembler::kNoSlot) {
      assembler_.note_refused_name();
    } else {
      add(binding, match->values[binding.value]);
    }
  }
  assembler_.end_row(row_.head(raw));
  return match->line_end;
}

void LayoutPath::learn(std::string_view line) {
  if (const std::optional<std::size_t> place = layouts_.learn(line)) bindings_[*place].reset();
}

}  // namespace lynxdb::event
