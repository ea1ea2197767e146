#include "segment/encoding/template_renderer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "segment/encoding/floats.h"

namespace lynxdb::segment {
namespace {

constexpr std::size_t kRoomBytes = std::size_t{256} << 10U;
constexpr std::size_t kNumberCharsMax = 48;  // Of every kind with numbers.

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
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

char* put_integer(std::uint64_t number, char* out) {
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

char* put_decimal(std::uint64_t number, unsigned digits, char* out) {
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

void TextRoom::grow(std::size_t bytes) {
  const auto kept = static_cast<std::size_t>(at_ - begin_);
  const std::size_t size = std::max(kRoomBytes, 2 * (kept + bytes));
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
  char* const block = blocks_.back().get();
  if (kept != 0) std::memcpy(block, begin_, kept);
  begin_ = block;
  at_ = block + kept;
  end_ = block + size;
}

bool render_number(const SlotSpec& spec, std::int64_t value, TextRoom& room) {
  if (value < 0) return false;
  const auto number = static_cast<std::uint64_t>(value);
  char* const begin = room.reserve(kNumberCharsMax);
  char* end = begin;
  switch (spec.kind) {
    case SlotKind::kInteger:
      end = put_integer(number, begin);
      break;
    case SlotKind::kPadded:
      if (!put_padded(number, spec.size, begin)) return false;
      end = begin + spec.size;
      break;
    case SlotKind::kDecimal:
      end = put_decimal(number, spec.size, begin);
      break;
    case SlotKind::kAddress:
      if (number > 0xffffffffU) return false;
      end = put_address(number, begin);
      break;
    case SlotKind::kTime:
      end = put_time(value, spec.size, begin);
      break;
    default:
      return false;
  }
  room.written(static_cast<std::size_t>(end - begin));
  return true;
}

bool render_reference(const SlotSpec& spec, event::ValueView value, std::string& scratch,
                      TextRoom& room) {
  switch (spec.kind) {
    case SlotKind::kSameText:
      if (value.type() == event::Type::kString) {
        room.append(value.as_string());
        return true;
      }
      if (value.type() == event::Type::kInt && value.as_int() >= 0) {
        return render_number({SlotKind::kInteger, 0, 0}, value.as_int(), room);
      }
      scratch.clear();
      event::append_text(value, scratch);
      room.append(scratch);
      return true;
    case SlotKind::kSameJson:
      if (value.type() != event::Type::kString) return false;
      scratch.clear();
      event::append_json_string(value.as_string(), scratch);
      room.append(std::string_view(scratch).substr(1, scratch.size() - 2));
      return true;
    case SlotKind::kSameDecimal: {
      if (value.type() != event::Type::kFloat) return false;
      const auto number = as_decimal(value.as_float(), spec.size);
      return number && render_number({SlotKind::kDecimal, spec.size, 0}, *number, room);
    }
    case SlotKind::kSameTime:
      return value.type() == event::Type::kTimestamp &&
             render_number({SlotKind::kTime, spec.size, 0}, value.as_int(), room);
    default:
      return false;
  }
}

void render_hex(const char* bytes, std::size_t size, TextRoom& room) {
  char* out = room.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i, out += 2) {
    std::memcpy(out, &kPairs.hex[std::size_t{static_cast<unsigned char>(bytes[i])} * 2], 2);
  }
  room.written(2 * size);
}

}  // namespace lynxdb::segment
