#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "event/column.h"

namespace lynxdb::event {

// --- Arena ---------------------------------------------------------------------------------------

char* Arena::allocate(std::size_t bytes) {
  if (blocks_.empty() || capacity_ - used_ < bytes) {
    // Blocks double from 1 KiB to 1 MiB: small columns stay small, large ones need few blocks.
    const std::size_t grown = std::clamp<std::size_t>(allocated_, 1U << 10U, 1U << 20U);
    capacity_ = std::max(bytes, grown);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(capacity_));
    used_ = 0;
    allocated_ += capacity_;
  }
  char* place = blocks_.back().get() + used_;
  used_ += bytes;
  return place;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* place = allocate(text.size());
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

// --- ColumnBuilder -------------------------------------------------------------------------------

ColumnBuilder::ColumnBuilder() = default;

Arena& ColumnBuilder::arena() {
  if (arena_ == nullptr) arena_ = std::make_shared<Arena>();
  return *arena_;
}

void ColumnBuilder::add_owner(Column::Owner owner) {
  if (owner != nullptr && (owners_.empty() || owners_.back() != owner))
    owners_.push_back(std::move(owner));
}

void ColumnBuilder::reserve(std::size_t rows) {
  switch (kind_) {
    case Kind::kBool:
      bools_.reserve(rows);
      break;
    case Kind::kInt:
    case Kind::kTimestamp:
      words_.reserve(rows);
      break;
    case Kind::kFloat:
      floats_.reserve(rows);
      break;
    case Kind::kString:
      strings_.reserve(rows);
      break;
    default:
      break;
  }
}

std::size_t ColumnBuilder::memory_bytes() const {
  std::size_t bytes = bools_.capacity() + words_.capacity() * 8 + floats_.capacity() * 8 +
                      strings_.capacity() * sizeof(std::string_view) +
                      mixed_.capacity() * sizeof(Value) + nulls_.words().size() * 8;
  if (arena_ != nullptr) bytes += arena_->memory_bytes();
  return bytes;
}

// The first non-null value decides the kind; rows before it are null and get placeholders.
void ColumnBuilder::become(Kind kind) {
  kind_ = kind;
  for (std::size_t row = 0; row < rows_; ++row) nulls_.set(row);
  switch (kind) {
    case Kind::kBool:
      bools_.resize(rows_);
      break;
    case Kind::kInt:
    case Kind::kTimestamp:
      words_.resize(rows_);
      break;
    case Kind::kFloat:
      floats_.resize(rows_);
      break;
    case Kind::kString:
      strings_.resize(rows_);
      break;
    default:
      mixed_.resize(rows_);
  }
}

void ColumnBuilder::become_mixed() {
  if (kind_ == Kind::kMixed) return;
  if (kind_ == Kind::kNull) return become(Kind::kMixed);
  const std::size_t rows = rows_;
  ColumnBuilder typed;
  std::swap(typed, *this);
  const ColumnPtr column = typed.finish();
  mixed_.reserve(rows + 1);
  for (std::size_t row = 0; row < rows; ++row) mixed_.push_back(column->value(row));
  kind_ = Kind::kMixed;
  rows_ = rows;
}

void ColumnBuilder::append_null() {
  switch (kind_) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      nulls_.set(rows_);
      bools_.push_back(0);
      break;
    case Kind::kInt:
    case Kind::kTimestamp:
      nulls_.set(rows_);
      words_.push_back(0);
      break;
    case Kind::kFloat:
      nulls_.set(rows_);
      floats_.push_back(0);
      break;
    case Kind::kString:
      nulls_.set(rows_);
      strings_.emplace_back();
      break;
    default:
      mixed_.emplace_back();
  }
  ++rows_;
}

void ColumnBuilder::append_nulls(std::size_t n) {
  if (kind_ == Kind::kNull) {
    rows_ += n;
    return;
  }
  for (std::size_t i = 0; i < n; ++i) append_null();
}

void ColumnBuilder::append_bool(bool v) {
  if (kind_ == Kind::kNull) become(Kind::kBool);
  if (kind_ != Kind::kBool) return append(ValueView::boolean(v));
  bools_.push_back(v ? 1 : 0);
  ++rows_;
}

void ColumnBuilder::append_int(std::int64_t v) {
  if (kind_ == Kind::kNull) become(Kind::kInt);
  if (kind_ != Kind::kInt) return append(ValueView::integer(v));
  words_.push_back(v);
  ++rows_;
}

void ColumnBuilder::append_float(double v) {
  if (!std::isfinite(v)) return append_null();
  if (kind_ == Kind::kNull) become(Kind::kFloat);
  if (kind_ != Kind::kFloat) return append(ValueView::floating(v));
  floats_.push_back(v);
  ++rows_;
}

void ColumnBuilder::append_timestamp(std::int64_t ns) {
  if (kind_ == Kind::kNull) become(Kind::kTimestamp);
  if (kind_ != Kind::kTimestamp) return append(ValueView::timestamp(ns));
  words_.push_back(ns);
  ++rows_;
}

void ColumnBuilder::append_string(std::string_view v) {
  if (kind_ == Kind::kNull) become(Kind::kString);
  if (kind_ != Kind::kString) return append(ValueView::string(v));
  strings_.push_back(arena().copy(v));
  ++rows_;
}

void ColumnBuilder::append_borrowed_string(std::string_view v) {
  if (kind_ == Kind::kNull) become(Kind::kString);
  if (kind_ != Kind::kString) return append(ValueView::string(v));
  strings_.push_back(v);
  ++rows_;
}

void ColumnBuilder::append(ValueView v) {
  const auto fits = [&](Kind kind) { return kind_ == kind || kind_ == Kind::kNull; };
  switch (v.type()) {
    case Type::kNull:
      return append_null();
    case Type::kBool:
      if (fits(Kind::kBool)) return append_bool(v.as_bool());
      break;
    case Type::kInt:
      if (fits(Kind::kInt)) return append_int(v.as_int());
      break;
    case Type::kFloat:
      if (fits(Kind::kFloat)) return append_float(v.as_float());
      break;
    case Type::kTimestamp:
      if (fits(Kind::kTimestamp)) return append_timestamp(v.as_int());
      break;
    case Type::kString:
      if (fits(Kind::kString)) return append_string(v.as_string());
      break;
    case Type::kList:
      break;
  }
  become_mixed();
  mixed_.push_back(v.to_value());
  ++rows_;
}

ColumnPtr ColumnBuilder::finish() {
  if (arena_ != nullptr) owners_.push_back(std::move(arena_));
  ColumnPtr column;
  switch (kind_) {
    case Kind::kNull:
      column = Column::nulls(rows_);
      break;
    case Kind::kBool:
      column = Column::bools(std::move(bools_), std::move(nulls_));
      break;
    case Kind::kInt:
      column = Column::ints(std::move(words_), std::move(nulls_));
      break;
    case Kind::kTimestamp:
      column = Column::timestamps(std::move(words_), std::move(nulls_));
      break;
    case Kind::kFloat:
      column = Column::floats(std::move(floats_), std::move(nulls_));
      break;
    case Kind::kString:
      column = Column::strings(std::move(strings_), std::move(owners_), std::move(nulls_));
      break;
    default:
      column = Column::mixed(std::move(mixed_));
  }
  *this = ColumnBuilder();
  return column;
}

}  // namespace lynxdb::event
