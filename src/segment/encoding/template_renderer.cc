#include "segment/encoding/template_renderer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "segment/encoding/floats.h"

namespace lynxdb::segment {
namespace {

constexpr std::size_t kRoomBytes = std::size_t{256} << 10U;

struct Pairs {
  std::array<char, 512> hex{};
  std::array<char, 200> decimal{};
};

constexpr Pairs make_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Pairs pairs;
  for (std::size_t i = 0; i < 256; ++i) {
    pairs.hex[2 * i] = kDigits[i / 16];
    pairs.hex[2 * i + 1] = kDigits[i % 16];
  }
  for (std::size_t i = 0; i < 100; ++i) {
    pairs.decimal[2 * i] = kDigits[i / 10];
    pairs.decimal[2 * i + 1] = kDigits[i % 10];
  }
  return pairs;
}

constexpr Pairs kPairs = make_pairs();

// Exactly `digits` digits that end at `end`; false when the number has more.
bool put_padded(std::uint64_t number, std::size_t digits, char* out) {
  char* at = out + digits;
  while (at - out >= 2) {
    at -= 2;
    std::memcpy(at, &kPairs.decimal[number % 100 * 2], 2);
    number /= 100;
  }
  if (at != out) {
    *--at = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return number == 0;
}

std::size_t digits_of(std::uint64_t number) {
  std::size_t digits = 1;
  for (; number >= 10'000; number /= 10'000) digits += 4;
  return digits + (number >= 10) + (number >= 100) + (number >= 1000);
}

char* put_integer(std::uint64_t number, char* out) {
  if (number < 10) {
    *out = static_cast<char>('0' + number);
    return out + 1;
  }
  if (number < 1000) {
    const std::uint64_t hundreds = number / 100;
    *out = static_cast<char>('0' + hundreds);
    out += hundreds != 0;
    std::memcpy(out, &kPairs.decimal[(number - hundreds * 100) * 2], 2);
    return out + 2;
  }
  const std::size_t digits = digits_of(number);
  put_padded(number, digits, out);
  return out + digits;
}

char* put_address(std::uint64_t number, char* out) {
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    out = put_integer((number >> shift) & 0xffU, out);
    if (shift > 0) *out++ = '.';
  }
  return out;
}

constexpr std::array<std::uint64_t, kNumberDigitsMax + 1> make_powers() {
  std::array<std::uint64_t, kNumberDigitsMax + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}

constexpr auto kPowersOfTen = make_powers();

template <unsigned Digits>
char* put_decimal(std::uint64_t number, char* out) {
  constexpr std::uint64_t kPower = kPowersOfTen[Digits];
  out = put_integer(number / kPower, out);
  *out++ = '.';
  put_padded(number % kPower, Digits, out);
  return out + Digits;
}

char* put_decimal(std::uint64_t number, unsigned digits, char* out) {
  // Divisions by what is known here are multiplications.
  switch (digits) {
    case 1:
      return put_decimal<1>(number, out);
    case 2:
      return put_decimal<2>(number, out);
    case 3:
      return put_decimal<3>(number, out);
    default:
      break;
  }
  out = put_integer(number / kPowersOfTen[digits], out);
  *out++ = '.';
  put_padded(number % kPowersOfTen[digits], digits, out);
  return out + digits;
}

char* put_time(std::int64_t ns, unsigned digits, char* out) {
  const event::CivilTime time = event::civil_of(ns);
  const std::array<std::int32_t, 6> fields = {time.year, time.month,  time.day,
                                              time.hour, time.minute, time.second};
  constexpr std::string_view kBehind = "--T::";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t size = i == 0 ? 4 : 2;
    put_padded(static_cast<std::uint64_t>(fields[i]), size, out);
    out += size;
    if (i < kBehind.size()) *out++ = kBehind[i];
  }
  if (digits > 0) {
    *out++ = '.';
    const auto fraction = static_cast<std::uint64_t>(time.nanosecond);
    put_padded(fraction / kPowersOfTen[kTimeDigitsMax - digits], digits, out);
    out += digits;
  }
  *out++ = 'Z';
  return out;
}

}  // namespace

char* TextRoom::grow(char* at, std::size_t bytes) {
  const std::size_t kept = size(at);
  const std::size_t room = std::max(kRoomBytes, 2 * (kept + bytes) + kSlack);
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(room));
  char* const block = blocks_.back().get();
  if (kept != 0) std::memcpy(block, begin_, kept);
  begin_ = block;
  end_ = block + room;
  return block + kept;
}

char* render_number(const SlotSpec& spec, std::int64_t value, char* out) {
  if (value < 0) return nullptr;
  const auto number = static_cast<std::uint64_t>(value);
  switch (spec.kind) {
    case SlotKind::kInteger:
      return put_integer(number, out);
    case SlotKind::kPadded:
      return put_padded(number, spec.size, out) ? out + spec.size : nullptr;
    case SlotKind::kDecimal:
      return put_decimal(number, spec.size, out);
    case SlotKind::kAddress:
      return number > 0xffffffffU ? nullptr : put_address(number, out);
    case SlotKind::kTime:
      return put_time(value, spec.size, out);
    default:
      return nullptr;
  }
}

namespace {

char* append_text(std::string_view text, TextRoom& room, char* at, std::size_t behind) {
  return render_text(text, room.more(at, text.size() + behind));
}

char* append_number(const SlotSpec& spec, std::int64_t value, TextRoom& room, char* at,
                    std::size_t behind) {
  return render_number(spec, value, room.more(at, kNumberCharsMax + behind));
}

}  // namespace

char* render_reference(const SlotSpec& spec, event::ValueView value, std::string& scratch,
                       TextRoom& room, char* at, std::size_t behind) {
  switch (spec.kind) {
    case SlotKind::kSameText:
      if (value.type() == event::Type::kString)
        return append_text(value.as_string(), room, at, behind);
      if (value.type() == event::Type::kInt && value.as_int() >= 0)
        return append_number({SlotKind::kInteger, 0, 0}, value.as_int(), room, at, behind);
      scratch.clear();
      event::append_text(value, scratch);
      return append_text(scratch, room, at, behind);
    case SlotKind::kSameJson:
      if (value.type() != event::Type::kString) return nullptr;
      scratch.clear();
      event::append_json_string(value.as_string(), scratch);
      return append_text(std::string_view(scratch).substr(1, scratch.size() - 2), room, at, behind);
    case SlotKind::kSameDecimal: {
      if (value.type() != event::Type::kFloat) return nullptr;
      const auto number = as_decimal(value.as_float(), spec.size);
      if (!number) return nullptr;
      return append_number({SlotKind::kDecimal, spec.size, 0}, *number, room, at, behind);
    }
    case SlotKind::kSameTime:
      if (value.type() != event::Type::kTimestamp) return nullptr;
      return append_number({SlotKind::kTime, spec.size, 0}, value.as_int(), room, at, behind);
    default:
      return nullptr;
  }
}

char* render_hex(const char* bytes, std::size_t size, char* out) {
  for (std::size_t i = 0; i < size; ++i, out += 2) {
    std::memcpy(out, &kPairs.hex[std::size_t{static_cast<unsigned char>(bytes[i])} * 2], 2);
  }
  return out;
}

}  // namespace lynxdb::segment
