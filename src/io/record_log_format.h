// The bytes that the writer and the reader of a record log share (docs/formats/wal.md).
//
//   file   := magic:"LXRL" version:u8 kind:u8 zero:u16 salt:u32 first_sequence:u64 crc:u32 record*
//   record := header_crc:u32 size:u32 payload_crc:u32 sequence:u64 type:u8 payload:u8[size]
//
// Little-endian. The file's crc covers the 20 bytes before it. Both crcs of a record start from the
// file's random salt: bytes that somebody else chose, or that an older file left on the disk, never
// look like a record of this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::io {

// What a log is for: a file that got into the wrong directory is refused.
enum class LogKind : std::uint8_t { kWal = 1, kMetadata = 2, kRaft = 3 };

inline constexpr std::string_view kLogMagic = "LXRL";
inline constexpr std::uint8_t kLogVersion = 1;
inline constexpr std::size_t kLogHeaderBytes = 24;
inline constexpr std::size_t kLogSaltAt = 8;  // In the header.
inline constexpr std::size_t kRecordHeaderBytes = 21;
// A reader never has to hold more; a writer refuses more.
inline constexpr std::uint32_t kRecordPayloadBytesMax = 80U << 20U;

struct RecordHeader {
  std::uint32_t size_bytes = 0;
  std::uint32_t payload_crc = 0;
  std::uint64_t sequence = 0;
  std::uint8_t type = 0;
};

inline void put_record_header(const RecordHeader& header, std::uint32_t salt, std::string& out) {
  std::string covered;
  base::put_fixed(header.size_bytes, covered);
  base::put_fixed(header.payload_crc, covered);
  base::put_fixed(header.sequence, covered);
  base::put_fixed(header.type, covered);
  base::put_fixed(base::crc32c(covered, salt), out);
  out += covered;
}

// `bytes` has kRecordHeaderBytes. Nothing when the checksum does not fit.
inline std::optional<RecordHeader> read_record_header(std::string_view bytes, std::uint32_t salt) {
  base::ByteReader in(bytes);
  const auto crc = in.fixed<std::uint32_t>();
  if (base::crc32c(bytes.substr(sizeof(crc)), salt) != crc) return std::nullopt;
  RecordHeader header;
  header.size_bytes = in.fixed<std::uint32_t>();
  header.payload_crc = in.fixed<std::uint32_t>();
  header.sequence = in.fixed<std::uint64_t>();
  header.type = in.fixed<std::uint8_t>();
  return header;
}

}  // namespace lynxdb::io
