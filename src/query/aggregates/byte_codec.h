// The bytes of aggregate states and group keys: what spill files hold and nodes exchange.
//
//   varint := 7 bits per byte, low first, high bit = more (at most 10 bytes)
//   fixed  := 8 bytes, little-endian
//   bytes  := length:varint  byte[length]
//   scalar := type:u8  then  nothing | u8 (bool) | fixed (int, float bits, timestamp) | bytes
//   (string)
//
// Readers take from the front of `bytes` and advance it; they fail with kCorruption when it is too
// short or holds what no writer writes. The bytes are not trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/value.h"

namespace lynxdb::query {

void put_varint(std::uint64_t v, std::string& out);
void put_fixed(std::uint64_t v, std::string& out);
void put_float(double v, std::string& out);
void put_bytes(std::string_view v, std::string& out);
void put_scalar(event::ValueView v, std::string& out);  // Not for lists.

Result<std::uint64_t> get_varint(std::string_view& bytes);
Result<std::uint64_t> get_fixed(std::string_view& bytes);
Result<double> get_float(std::string_view& bytes);  // Finite.
Result<std::string_view> get_bytes(std::string_view& bytes);
Result<event::ValueView> get_scalar(std::string_view& bytes);  // Strings are borrowed from `bytes`.

Error corrupt_state();

}  // namespace lynxdb::query
