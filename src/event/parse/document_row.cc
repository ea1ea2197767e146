#include "event/parse/document_row.h"

namespace lynxdb::event {
namespace {

template <std::size_t N>
std::string_view first_present(const std::array<std::string_view, N>& labels) {
  for (const std::string_view label : labels) {
    if (label.data() != nullptr) return label;
  }
  return {};
}

}  // namespace

void DocumentRow::begin() {
  assembler_.begin_row();
  if (has_time_) times_.fill({});
  if (has_label_) {
    hosts_.fill({});
    sources_.fill({});
    raw_ = {};
  }
  has_time_ = false;
  has_label_ = false;
}

// Labels are strings whatever the document made them.
std::string_view DocumentRow::text_of(ValueView value) {
  if (value.is_null()) return {};
  if (value.type() != Type::kString) return assembler_.arena().copy(text(value));
  return value.as_string().empty() ? std::string_view("") : value.as_string();
}

void DocumentRow::add_meaning(Slot slot, const NameRole& role, ValueView value) {
  if (role.time_rank != 0) {
    times_[role.time_rank - 1U] = value;
    has_time_ = true;
  }
  if (role.host_rank != 0) {
    hosts_[role.host_rank - 1U] = text_of(value);
    has_label_ = true;
  }
  if (role.special == NameRole::Special::kSource) {
    sources_[assembler_.name(slot) == kSource ? 1 : 0] = text_of(value);
    has_label_ = true;
  } else if (role.special == NameRole::Special::kRaw) {
    raw_ = value.type() == Type::kString ? text_of(value) : std::string_view();
    has_label_ = true;
  }
}

std::optional<std::int64_t> DocumentRow::time_ns() const {
  if (!has_time_) return std::nullopt;
  for (const ValueView value : times_) {
    std::optional<std::int64_t> ns;
    if (value.type() == Type::kString) ns = parse_timestamp(value.as_string(), defaults_);
    if (value.type() == Type::kInt) ns = timestamp_of_epoch(value.as_int());
    if (value.type() == Type::kFloat) ns = timestamp_of_epoch(value.as_float());
    if (ns) return ns;
  }
  return std::nullopt;
}

std::string_view DocumentRow::host() const { return first_present(hosts_); }
std::string_view DocumentRow::source() const { return first_present(sources_); }

RowHead DocumentRow::head(std::string_view raw) const {
  RowHead head;
  head.raw = raw_.data() != nullptr ? raw_ : raw;
  head.time_ns = time_ns().value_or(defaults_.receipt_ns);
  head.sourcetype = "json";
  head.host = host();
  head.source = source();
  return head;
}

}  // namespace lynxdb::event
