// Little-endian numbers and variable-length integers in byte strings: what every on-disk and wire
// format of ours is made of.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace lynxdb::base {

static_assert(std::endian::native == std::endian::little, "formats are read and written in place");

template <std::integral T>
void put_fixed(T value, std::string& out) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

// LEB128: 7 bits a byte, lowest first, the high bit set on all but the last; at most 10 bytes.
inline void put_varint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

// length:varint bytes
inline void put_string(std::string_view text, std::string& out) {
  put_varint(text.size(), out);
  out.append(text);
}

// Reads bytes front to back. A read past the end gives zero or nothing and leaves the reader
// failed for good, so a run of reads needs one check, before anything depends on what was read.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t remaining() const { return rest_.size(); }

  template <std::integral T>
  T fixed() {
    T value{};
    const std::string_view bytes = take(sizeof(T));
    if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  // Fails on more than 64 bits.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = fixed<std::uint8_t>();
      if (failed_ || (shift == 63 && byte > 1)) break;
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }

  std::string_view string() { return take(varint()); }

  // The next `size` bytes, borrowed; none of them when fewer are left.
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view bytes = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

  void fail() {
    failed_ = true;
    rest_ = {};
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace lynxdb::base
