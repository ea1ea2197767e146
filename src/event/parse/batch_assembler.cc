#include "event/parse/batch_assembler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/check.h"

namespace lynxdb::event {
namespace {

constexpr std::array<std::string_view, kSlotUserAgent + 1> kFixedNames = {
    "_truncated", "level",     "message", "facility", "severity",  "app_name", "procid",
    "msgid",      "client_ip", "ident",   "user",     "method",    "uri",      "protocol",
    "request",    "status",    "bytes",   "referer",  "user_agent"};
constexpr std::array<std::string_view, kTimeRanks> kTimeNames = {
    "_time", "_timestamp", "timestamp", "@timestamp", "time", "ts", "datetime"};
constexpr std::array<std::string_view, kHostRanks> kHostNames = {"host", "host.name", "hostname",
                                                                 "agent.hostname"};
constexpr std::array<std::string_view, 7> kBuiltIn = {kTime,       kRaw,   kId,  kSource,
                                                      kSourcetype, kIndex, kHost};

// Names beyond these numbers stay in `_raw`. Real logs have a few hundred fields; logs that use ids
// as names would otherwise turn a chunk of a few megabytes into gigabytes of nulls.
constexpr std::size_t kSlotsMax = 16'384;
constexpr std::size_t kColumnsMax = 8'192;
constexpr std::size_t kColumnsMin = 32;
constexpr std::size_t kCellsMax = std::size_t{32} << 20U;
// Room made at once for a column that was full before; beyond it columns grow as they fill.
constexpr std::size_t kRowsReservedMax = 65'536;
// Learned names are dropped between chunks when there are more than this.
constexpr std::size_t kSlotsKept = 4'096;

template <std::size_t N>
std::uint8_t rank_of(std::string_view name, const std::array<std::string_view, N>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? 0 : static_cast<std::uint8_t>(found - names.begin() + 1);
}

bool is_below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() && name.starts_with(parent) && name[parent.size()] == '.';
}

bool is_built_in(std::string_view name) {
  return std::find(kBuiltIn.begin(), kBuiltIn.end(), name) != kBuiltIn.end();
}

}  // namespace

BatchAssembler::BatchAssembler(const ParserOptions& options) : options_(options) {
  const Projection& projection = options_.projection;
  wants_time_ = projection.wants(kTime);
  wants_raw_ = projection.wants(kRaw);
  wants_host_ = projection.wants(kHost);
  wants_source_ = projection.wants(kSource);
  wants_sourcetype_ = projection.wants(kSourcetype);
  wants_index_ = projection.wants(kIndex);
  wants_fields_ =
      projection.all || !std::all_of(projection.fields.begin(), projection.fields.end(),
                                     [](const std::string& n) { return is_built_in(n); });
  register_names();
  begin_chunk(0);
}

// --- Names ---------------------------------------------------------------------------------------

void BatchAssembler::register_names() {
  slot_by_name_.clear();
  slots_.clear();
  fields_.clear();
  names_.clear();
  first_ = kNoSlot;
  for (const std::string_view name : kFixedNames) add_slot(name);
  // Wanted names always have a slot, however many others a chunk brings.
  for (const std::string& name : options_.projection.fields) slot(name);
  for (const std::string_view name : kTimeNames) slot(name);
  for (const std::string_view name : kHostNames) slot(name);
}

bool BatchAssembler::wants_below(std::string_view name) const {
  if (options_.projection.all) return true;
  const auto below = [&](std::string_view wanted) { return is_below(wanted, name); };
  return std::any_of(options_.projection.fields.begin(), options_.projection.fields.end(), below) ||
         (wants_host_ && std::any_of(kHostNames.begin(), kHostNames.end(), below));
}

NameRole BatchAssembler::role_of(std::string_view name) const {
  NameRole role;
  using Special = NameRole::Special;
  if (name == kRaw) {
    role.special = Special::kRaw;
  } else if (name == kSource || name == "source") {
    role.special = Special::kSource;
  } else if (name == kId || name == kIndex || name == kSourcetype || name == kHost ||
             name == kTime || name == "_timestamp") {
    role.special = Special::kIgnored;
  }
  if (wants_time_) role.time_rank = rank_of(name, kTimeNames);
  if (wants_host_) role.host_rank = rank_of(name, kHostNames);
  role.is_field = role.special == Special::kNone && options_.projection.wants(name);
  role.wants_below = wants_below(name);
  return role;
}

Slot BatchAssembler::add_slot(std::string_view name) {
  const auto slot = static_cast<Slot>(slots_.size());
  const std::string_view stable = names_.emplace_back(name);
  SlotState state;
  state.name = stable;
  state.role = role_of(stable);
  slots_.push_back(state);
  fields_.emplace_back();
  slot_by_name_.emplace(stable, slot);
  return slot;
}

Slot BatchAssembler::slot(std::string_view name) {
  const auto found = slot_by_name_.find(name);
  if (found != slot_by_name_.end()) return found->second;
  if (name.size() <= kNameBytesMax && slots_.size() < kSlotsMax) return add_slot(name);
  if (options_.projection.wants(name)) note_refused_name();
  return kNoSlot;
}

// An optional field that is missing this time moves all that follow by one: its own follower is the
// second guess.
Slot BatchAssembler::slot_after_miss(Slot previous, std::string_view name) {
  const Slot guess = previous == kNoSlot ? first_ : slots_[previous].next;
  if (guess != kNoSlot) {
    const Slot second = slots_[guess].next;
    if (second != kNoSlot && slots_[second].name == name) return second;
  }
  const Slot actual = slot(name);
  if (actual == kNoSlot) return kNoSlot;
  (previous == kNoSlot ? first_ : slots_[previous].next) = actual;
  return actual;
}

// --- One row -------------------------------------------------------------------------------------

Arena& BatchAssembler::arena() {
  if (arena_ == nullptr) arena_ = std::make_shared<Arena>();
  return *arena_;
}

void BatchAssembler::begin_row() {
  ++row_serial_;
  touched_.clear();
  unwanted_ = 0;
  list_elements_.clear();
  row_dropped_fields_ = false;
  row_refused_names_ = false;
}

void BatchAssembler::drop_row() { begin_row(); }

BatchAssembler::SlotState* BatchAssembler::touch(Slot slot) {
  SlotState& state = slots_[slot];
  LYNXDB_DCHECK(state.role.is_field);
  if (state.row == row_serial_) {
    state.list_size = 0;
    return &state;
  }
  if (touched_.size() + unwanted_ >= options_.fields_max) {
    row_dropped_fields_ = true;
    return nullptr;
  }
  // Columns are dense: a new one takes memory for all rows before it, too.
  const bool is_too_wide =
      columns_ >= columns_max_ || (columns_ + touched_.size()) * rows_ > kCellsMax;
  if (!state.in_chunk && is_too_wide) {
    note_refused_name();
    return nullptr;
  }
  state.row = row_serial_;
  state.list_size = 0;
  touched_.push_back(slot);
  return &state;
}

void BatchAssembler::set_list(Slot slot, std::span<const ValueView> elements) {
  if (elements.empty()) return;
  SlotState* state = touch(slot);
  if (state == nullptr) return;
  state->list_begin = static_cast<std::uint32_t>(list_elements_.size());
  state->list_size = static_cast<std::uint32_t>(elements.size());
  list_elements_.insert(list_elements_.end(), elements.begin(), elements.end());
}

namespace {

void append_scalar(ColumnBuilder& builder, ValueView value) {
  if (value.type() == Type::kString) {
    builder.append_borrowed_string(value.as_string());
  } else {
    builder.append(value);
  }
}

// Lists become single values when a scalar joins them in a column.
void lists_to_scalars(std::vector<std::uint32_t>& offsets, ColumnBuilder& elements,
                      ColumnBuilder& scalars) {
  const ColumnPtr lists = Column::lists(std::move(offsets), elements.finish());
  offsets.clear();
  for (std::size_t row = 0; row < lists->size(); ++row) scalars.append(lists->view(row));
}

}  // namespace

void BatchAssembler::append_list(FieldBuilder& field, const SlotState& state) {
  const std::span<const ValueView> elements(list_elements_.data() + state.list_begin,
                                            state.list_size);
  if (field.offsets.empty() && field.scalars.size() == 0) field.offsets.push_back(0);
  if (!field.offsets.empty()) {
    while (field.offsets.size() <= rows_) field.offsets.push_back(field.offsets.back());
    for (const ValueView element : elements) append_scalar(field.elements, element);
    field.offsets.push_back(static_cast<std::uint32_t>(field.elements.size()));
    return;
  }
  std::vector<Value> values;
  values.reserve(elements.size());
  for (const ValueView element : elements) values.push_back(element.to_value());
  field.scalars.append_nulls(rows_ - field.scalars.size());
  field.scalars.append(Value::list(std::move(values)));
}

void BatchAssembler::append(Slot slot, const SlotState& state) {
  FieldBuilder& field = fields_[slot];
  if (state.list_size > 0) return append_list(field, state);
  if (!field.offsets.empty()) lists_to_scalars(field.offsets, field.elements, field.scalars);
  if (field.scalars.size() < rows_) field.scalars.append_nulls(rows_ - field.scalars.size());
  append_scalar(field.scalars, state.value);
  if (field.scalars.size() == 1 && state.was_dense) {
    field.scalars.reserve(std::min(rows_expected_, kRowsReservedMax));
  }
}

std::string_view BatchAssembler::label(std::string_view value) {
  if (value.size() <= kLabelBytesMax) return value;
  ++labels_cut_;
  std::size_t end = kLabelBytesMax;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U) --end;
  return value.substr(0, end);
}

void BatchAssembler::append_label(LabelColumn& column, std::string_view value) {
  if (value.data() == nullptr) return column.append_null();
  column.append(value);
}

void BatchAssembler::append_labels(const RowHead& head) {
  if (wants_sourcetype_ && !options_.sourcetype) append_label(sourcetypes_, label(head.sourcetype));
  if (wants_index_ && !options_.index) {
    indexes_.append(head.index.data() == nullptr ? "main" : label(head.index));
  }
  if (wants_host_ && !options_.host) append_label(hosts_, label(head.host));
  if (!wants_source_ || options_.source) return;
  const bool use_default = head.source.data() == nullptr && !options_.default_source.empty();
  append_label(sources_,
               label(use_default ? std::string_view(options_.default_source) : head.source));
}

void BatchAssembler::end_row(const RowHead& head) {
  for (const Slot slot : touched_) {
    SlotState& state = slots_[slot];
    if (state.list_size == 0 && state.value.is_null()) continue;
    if (!state.in_chunk) {
      state.in_chunk = true;
      ++columns_;
      if (may_end_early_) rows_max_ = options_.cells_max / columns_;
    }
    append(slot, state);
  }
  if (wants_time_) times_.push_back(head.time_ns);
  if (wants_raw_) raws_.push_back(head.raw);
  append_labels(head);
  if (row_dropped_fields_) ++fields_dropped_;
  if (row_refused_names_) ++names_refused_;
  ++rows_;
}

// --- A chunk -------------------------------------------------------------------------------------

void BatchAssembler::begin_chunk(std::size_t lines, bool may_end_early) {
  if (slots_.size() > kSlotsKept) register_names();
  rows_ = 0;
  columns_ = 0;
  may_end_early_ = may_end_early && options_.cells_max > 0;
  columns_max_ = may_end_early_ ? kColumnsMax
                                : std::clamp(kCellsMax / std::max<std::size_t>(lines, 1),
                                             kColumnsMin, kColumnsMax);
  rows_max_ = std::numeric_limits<std::size_t>::max();
  rows_expected_ = lines;
  fields_dropped_ = 0;
  names_refused_ = 0;
  labels_cut_ = 0;
  times_.reserve(wants_time_ ? lines : 0);
  raws_.reserve(wants_raw_ ? lines : 0);
}

ColumnPtr BatchAssembler::finish_field(FieldBuilder& field, std::span<const Column::Owner> owners) {
  if (!field.offsets.empty()) {
    while (field.offsets.size() <= rows_) field.offsets.push_back(field.offsets.back());
    for (const Column::Owner& owner : owners) field.elements.add_owner(owner);
    ColumnPtr column = Column::lists(std::move(field.offsets), field.elements.finish());
    field.offsets.clear();
    return column;
  }
  field.scalars.append_nulls(rows_ - field.scalars.size());
  for (const Column::Owner& owner : owners) field.scalars.add_owner(owner);
  return field.scalars.finish();
}

EventBatch BatchAssembler::finish(const Column::Owner& owner, ParseCounts& counts) {
  std::vector<Column::Owner> owners;
  if (owner != nullptr) owners.push_back(owner);
  if (arena_ != nullptr) owners.push_back(std::exchange(arena_, nullptr));

  std::vector<Field> out;
  const auto add = [&](std::string_view name, ColumnPtr column) {
    if (column != nullptr)
      out.push_back(Field{.name = std::string(name), .column = std::move(column)});
  };
  const auto add_label = [&](std::string_view name, bool wanted, LabelColumn& rows,
                             const std::optional<std::string>& of_request) {
    if (!wanted) return;
    add(name, of_request ? Column::constant(Value::string(std::string(label(*of_request))), rows_)
                         : rows.finish());
  };
  if (wants_time_) add(kTime, Column::timestamps(std::exchange(times_, {})));
  if (wants_raw_) add(kRaw, Column::strings(std::exchange(raws_, {}), owners));
  add_label(kSource, wants_source_, sources_, options_.source);
  add_label(kSourcetype, wants_sourcetype_, sourcetypes_, options_.sourcetype);
  add_label(kIndex, wants_index_, indexes_, options_.index);
  add_label(kHost, wants_host_, hosts_, options_.host);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!std::exchange(slots_[i].in_chunk, false)) continue;
    slots_[i].was_dense = fields_[i].scalars.size() > rows_ / 2;
    add(slots_[i].name, finish_field(fields_[i], owners));
  }
  counts.fields_dropped += fields_dropped_;
  counts.names_refused += names_refused_;
  counts.labels_cut += labels_cut_;

  EventBatch batch(rows_);
  batch.replace_fields(std::move(out));
  rows_ = 0;
  columns_ = 0;
  return batch;
}

}  // namespace lynxdb::event
