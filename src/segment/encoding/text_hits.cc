#include "segment/encoding/text_hits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

// Bytes outside of ASCII are written as they are, or not: that is not for us to know.
constexpr std::array<bool, 256> make_special_in_json() {
  std::array<bool, 256> special{};
  for (std::size_t c = 0; c < special.size(); ++c)
    special[c] = c == '"' || c == '\\' || c < 0x20 || c >= 0x7f;
  return special;
}

constexpr std::array<bool, 256> kSpecialInJson = make_special_in_json();

bool is_special_in_json(char c) { return kSpecialInJson[static_cast<unsigned char>(c)]; }

// Values whose digits are looked at together.
constexpr std::size_t kHexAtOnce = 512;
// Stands between them: no digit.
constexpr char kBetweenHex = '-';

// Two digits a byte, as slots are rendered. Vectorized by the compiler.
void put_hex_digits(const char* bytes, std::size_t size, char* out) {
  const auto digit = [](unsigned nibble) {
    return static_cast<char>(nibble + (nibble < 10 ? '0' : 'a' - 10));
  };
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned byte = static_cast<unsigned char>(bytes[i]);
    out[2 * i] = digit(byte >> 4U);
    out[2 * i + 1] = digit(byte & 15U);
  }
}

bool begins_with_rest(std::string_view value, std::string_view needle, std::uint64_t begun) {
  for (std::uint64_t left = begun; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    if (i < needle.size() && value.starts_with(needle.substr(i))) return true;
  }
  return false;
}

}  // namespace

bool TextHits::any() const {
  const auto has_one = [](const std::vector<std::uint8_t>& hits) {
    return !hits.empty() && std::memchr(hits.data(), 1, hits.size()) != nullptr;
  };
  return has_one(json) || has_one(text);
}

LiteralQuery::LiteralQuery(std::string_view literal)
    : finder_(literal.substr(0, kLiteralBytesMax), base::LetterCase::kIgnoreAscii) {}

bool LiteralQuery::in_json(std::string_view text) const {
  return in_text(text) || std::ranges::any_of(text, is_special_in_json);
}

TextHits LiteralQuery::hits_of(std::span<const std::string_view> values) const {
  TextHits hits = TextHits::zeros(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    hits.text[i] = in_text(values[i]) ? 1 : 0;
    hits.json[i] = in_json(values[i]) ? 1 : 0;
  }
  return hits.any() ? std::move(hits) : TextHits::none();
}

TextHits LiteralQuery::hits_of_hex(std::string_view bytes, std::size_t digits,
                                   std::uint64_t begun) const {
  const bool within = needle().size() <= digits && kHexDigits.may_hold(needle());
  if (!within && begun == 0) return TextHits::none();
  const std::size_t count = 2 * bytes.size() / digits;
  if (needle().empty()) return TextHits::all(count, true);
  std::vector<std::uint8_t> found(count);
  bool any = false;
  std::string text(kHexAtOnce * (digits + 1), kBetweenHex);
  for (std::size_t first = 0; first < count; first += kHexAtOnce) {
    const std::size_t values = std::min(kHexAtOnce, count - first);
    for (std::size_t i = 0; i < values; ++i) {
      put_hex_digits(bytes.data() + (first + i) * (digits / 2), digits / 2,
                     text.data() + i * (digits + 1));
    }
    const std::string_view all = std::string_view(text).substr(0, values * (digits + 1));
    if (within) {
      for (std::size_t at = finder_.find(all); at != base::SubstringFinder::npos;) {
        const std::size_t value = at / (digits + 1);
        found[first + value] = 1;
        any = true;
        at = finder_.find(all, (value + 1) * (digits + 1));
      }
    }
    for (std::size_t i = 0; begun != 0 && i < values; ++i) {
      if (!begins_with_rest(all.substr(i * (digits + 1), digits), needle(), begun)) continue;
      found[first + i] = 1;
      any = true;
    }
  }
  if (!any) return TextHits::none();
  return {found, found};  // JSON writes digits as they are.
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

// Exactly so many digits: what began before ends in them (that shows in the values), or goes on
// through all of them.
void LiteralWalk::take_hex(std::size_t digits) {
  std::uint64_t next = 0;
  std::size_t end = 0;  // Of the run of digits in the needle that begins at i.
  for (std::size_t i = 1; i + digits < needle_.size(); ++i) {
    end = std::max(end, i);
    while (end < needle_.size() && kHexDigits.may_have(needle_[end])) ++end;
    const bool began = ((begun_ >> i) & 1U) != 0;
    if (began && end >= i + digits) next |= std::uint64_t{1} << (i + digits);
  }
  // What begins in the slot may go on behind it.
  for (std::size_t i = 1; i < needle_.size() && i <= digits; ++i) {
    if (!kHexDigits.may_have(needle_[i - 1])) break;
    next |= std::uint64_t{1} << i;
  }
  begun_ = next;
}

void LiteralWalk::take_slot(const SlotSpec& spec) {
  if (hit_) return;
  const SlotKind kind = spec.kind;
  if (kind == SlotKind::kHex) return take_hex(std::size_t{spec.size} * 2);
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
