#include "query/aggregates/byte_codec.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace lynxdb::query {

using event::Type;
using event::ValueView;

Error corrupt_state() { return Error{ErrorCode::kCorruption, "damaged aggregate state"}; }

void put_varint(std::uint64_t v, std::string& out) {
  while (v >= 0x80) {
    out.push_back(static_cast<char>((v & 0x7fU) | 0x80U));
    v >>= 7U;
  }
  out.push_back(static_cast<char>(v));
}

void put_fixed(std::uint64_t v, std::string& out) {
  char bytes[8];
  for (char& byte : bytes) {
    byte = static_cast<char>(v & 0xffU);
    v >>= 8U;
  }
  out.append(bytes, sizeof bytes);
}

void put_float(double v, std::string& out) { put_fixed(std::bit_cast<std::uint64_t>(v), out); }

void put_bytes(std::string_view v, std::string& out) {
  put_varint(v.size(), out);
  out.append(v);
}

void put_scalar(ValueView v, std::string& out) {
  out.push_back(static_cast<char>(v.type()));
  switch (v.type()) {
    case Type::kNull:
    case Type::kList:
      break;
    case Type::kBool:
      out.push_back(v.as_bool() ? 1 : 0);
      break;
    case Type::kInt:
    case Type::kTimestamp:
      put_fixed(static_cast<std::uint64_t>(v.as_int()), out);
      break;
    case Type::kFloat:
      put_float(v.as_float(), out);
      break;
    case Type::kString:
      put_bytes(v.as_string(), out);
      break;
  }
}

Result<std::uint64_t> get_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return corrupt_state();
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  return corrupt_state();
}

Result<std::uint64_t> get_fixed(std::string_view& bytes) {
  if (bytes.size() < 8) return corrupt_state();
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  bytes.remove_prefix(8);
  return value;
}

Result<double> get_float(std::string_view& bytes) {
  const auto value = std::bit_cast<double>(TRY(get_fixed(bytes)));
  if (!std::isfinite(value)) return corrupt_state();
  return value;
}

Result<std::string_view> get_bytes(std::string_view& bytes) {
  const std::uint64_t size = TRY(get_varint(bytes));
  if (size > bytes.size()) return corrupt_state();
  const std::string_view value = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return value;
}

Result<ValueView> get_scalar(std::string_view& bytes) {
  if (bytes.empty()) return corrupt_state();
  const auto type = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  switch (static_cast<Type>(type)) {
    case Type::kNull:
      return ValueView();
    case Type::kBool: {
      if (bytes.empty()) return corrupt_state();
      const bool value = bytes.front() != 0;
      bytes.remove_prefix(1);
      return ValueView::boolean(value);
    }
    case Type::kInt:
      return ValueView::integer(static_cast<std::int64_t>(TRY(get_fixed(bytes))));
    case Type::kTimestamp:
      return ValueView::timestamp(static_cast<std::int64_t>(TRY(get_fixed(bytes))));
    case Type::kFloat:
      return ValueView::floating(TRY(get_float(bytes)));
    case Type::kString:
      return ValueView::string(TRY(get_bytes(bytes)));
    case Type::kList:
      break;
  }
  return corrupt_state();
}

}  // namespace lynxdb::query
