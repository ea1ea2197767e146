#include "segment/encoding/text_hits.h"

#include <algorithm>
#include <bit>

namespace lynxdb::segment {
namespace {

// What values that are no strings look like as text, in lower case.
struct Look {
  std::string_view chars;
  std::ptrdiff_t points_max = 0;

  bool may_have(char c) const { return chars.find(c) != std::string_view::npos; }
  bool may_hold(std::string_view text) const {
    return text.find_first_not_of(chars) == std::string_view::npos &&
           std::ranges::count(text, '.') <= points_max;
  }
};

constexpr Look kDigits{"0123456789", 0};
constexpr Look kHexDigits{"0123456789abcdef", 0};
constexpr Look kPlainDecimal{"0123456789.", 1};
constexpr Look kAddressLook{"0123456789.", 3};
constexpr Look kIntLook{"0123456789-", 0};
constexpr Look kFloatLook{"0123456789.+-e", 1};
constexpr Look kTimeLook{"0123456789.:-tz", 1};
constexpr Look kBoolLook{"truefals", 0};

const Look& look_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::kInteger:
    case SlotKind::kPadded:
      return kDigits;
    case SlotKind::kDecimal:
      return kPlainDecimal;
    case SlotKind::kHex:
      return kHexDigits;
    case SlotKind::kAddress:
      return kAddressLook;
    case SlotKind::kTime:
    case SlotKind::kSameTime:
      return kTimeLook;
    default:
      return kFloatLook;
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool holds_any_text(SlotKind kind) {
  return kind == SlotKind::kText || kind == SlotKind::kSameText || kind == SlotKind::kSameJson;
}

bool may_have(SlotKind kind, char c) { return holds_any_text(kind) || look_of(kind).may_have(c); }

}  // namespace

bool TextHits::any() const {
  return std::ranges::find(json, 1) != json.end() || std::ranges::find(text, 1) != text.end();
}

LiteralQuery::LiteralQuery(std::string_view literal)
    : finder_(literal.substr(0, kLiteralBytesMax), base::LetterCase::kIgnoreAscii) {}

bool LiteralQuery::in_json(std::string_view text) const {
  // Bytes outside of ASCII are written as they are, or not: that is not for us to know.
  const auto special = [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ||
           static_cast<unsigned char>(c) >= 0x7f;
  };
  return in_text(text) || std::ranges::any_of(text, special);
}

TextHits LiteralQuery::hits_of(std::span<const std::string_view> values) const {
  TextHits hits = TextHits::all(values.size(), false);
  for (std::size_t i = 0; i < values.size(); ++i) {
    hits.text[i] = in_text(values[i]) ? 1 : 0;
    hits.json[i] = in_json(values[i]) ? 1 : 0;
  }
  return hits;
}

bool LiteralQuery::may_be_in(event::Type type) const {
  switch (type) {
    case event::Type::kNull:
      return false;
    case event::Type::kBool:
      return kBoolLook.may_hold(needle());
    case event::Type::kInt:
      return kIntLook.may_hold(needle());
    case event::Type::kFloat:
      return kFloatLook.may_hold(needle());
    case event::Type::kTimestamp:
      return kTimeLook.may_hold(needle());
    default:
      return true;
  }
}

LiteralWalk::LiteralWalk(const LiteralQuery& query)
    : needle_(query.needle()), hit_(query.needle().empty()) {}

void LiteralWalk::take_text(std::string_view known) {
  if (hit_) return;
  for (const char byte : known) {
    const char c = lower(byte);
    std::uint64_t next = 0;
    for (std::uint64_t rest = begun_ | 1U; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      if (needle_[i] == c) next |= std::uint64_t{1} << (i + 1);
    }
    hit_ = hit_ || ((next >> needle_.size()) & 1U) != 0;
    begun_ = next & ~(std::uint64_t{1} << needle_.size());
    if (hit_) return;
  }
}

void LiteralWalk::take_slot(SlotKind kind) {
  if (hit_) return;
  // What began before goes on for as long as the slot may have the characters.
  for (std::size_t i = 1; i < needle_.size(); ++i)
    if (((begun_ >> i) & 1U) != 0 && may_have(kind, needle_[i]))
      begun_ |= std::uint64_t{1} << (i + 1);
  hit_ = ((begun_ >> needle_.size()) & 1U) != 0;
  // What begins in the slot may go on behind it.
  std::size_t own = 0;
  while (own < needle_.size() && may_have(kind, needle_[own])) ++own;
  if (!holds_any_text(kind) && look_of(kind).may_hold(needle_)) hit_ = true;
  for (std::size_t i = 1; i <= std::min(own, needle_.size() - 1); ++i)
    begun_ |= std::uint64_t{1} << i;
}

}  // namespace lynxdb::segment
