#include "gather/share_codec.h"

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "metadata/segment_codec.h"

namespace lynxdb::gather {
namespace {

using base::ByteReader;

constexpr std::uint8_t kShareVersion = 1;

void put_bool(bool value, std::string& out) { out.push_back(value ? '\1' : '\0'); }
bool read_bool(ByteReader& in) {
  const auto value = in.fixed<std::uint8_t>();
  if (value > 1) in.fail();
  return value == 1;
}

void put_time(const std::optional<std::int64_t>& time, std::string& out) {
  put_bool(time.has_value(), out);
  if (time) base::put_fixed(*time, out);
}
std::optional<std::int64_t> read_time(ByteReader& in) {
  if (!read_bool(in)) return std::nullopt;
  return in.fixed<std::int64_t>();
}

void put_texts(const std::vector<std::string>& texts, std::string& out) {
  base::put_varint(texts.size(), out);
  for (const std::string& text : texts) base::put_string(text, out);
}
std::vector<std::string> read_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (std::size_t left = metadata::read_count(in); left > 0 && !in.failed(); --left)
    texts.emplace_back(in.string());
  return texts;
}

void put_scan(const query::ScanRequest& scan, std::string& out) {
  put_bool(scan.all_fields, out);
  put_texts(scan.fields, out);
  put_texts(scan.raw_contains, out);
  base::put_fixed(scan.from_ns, out);
  base::put_fixed(scan.to_ns, out);
  base::put_varint(scan.rows_wanted, out);
  put_bool(scan.any_order, out);
  base::put_string(scan.filter_text, out);
  base::put_string(scan.shard_text, out);
  put_time(scan.query_from_ns, out);
  put_time(scan.query_to_ns, out);
}

query::ScanRequest read_scan(ByteReader& in) {
  query::ScanRequest scan;
  scan.all_fields = read_bool(in);
  scan.fields = read_texts(in);
  scan.raw_contains = read_texts(in);
  scan.from_ns = in.fixed<std::int64_t>();
  scan.to_ns = in.fixed<std::int64_t>();
  scan.rows_wanted = in.varint();
  scan.any_order = read_bool(in);
  scan.filter_text = in.string();
  scan.shard_text = in.string();
  scan.query_from_ns = read_time(in);
  scan.query_to_ns = read_time(in);
  return scan;
}

void put_border(const storage::RetentionBorder& border, std::string& out) {
  base::put_fixed(border.all_ns, out);
  base::put_varint(border.by_index.size(), out);
  for (const auto& [index, visible_from_ns] : border.by_index) {
    base::put_string(index, out);
    base::put_fixed(visible_from_ns, out);
  }
}

storage::RetentionBorder read_border(ByteReader& in) {
  storage::RetentionBorder border{.all_ns = in.fixed<std::int64_t>(), .by_index = {}};
  for (std::size_t left = metadata::read_count(in); left > 0 && !in.failed(); --left) {
    std::string index(in.string());
    border.by_index[std::move(index)] = in.fixed<std::int64_t>();
  }
  return border;
}

// version body crc32c
std::string sealed(std::string bytes) {
  base::put_fixed(base::crc32c(bytes), bytes);
  return bytes;
}

Result<ByteReader> opened(std::string_view bytes, std::string_view what) {
  const auto damaged = [&](std::string_view how) {
    return Error{ErrorCode::kCorruption,
                 std::string(what) + " of another node " + std::string(how)};
  };
  if (bytes.size() < sizeof(std::uint32_t) + 1) return damaged("is cut");
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  ByteReader crc(bytes.substr(body.size()));
  if (crc.fixed<std::uint32_t>() != base::crc32c(body)) return damaged("is damaged");
  ByteReader in(body);
  if (in.fixed<std::uint8_t>() != kShareVersion) return damaged("is of another version");
  return in;
}

Error malformed(std::string_view what) {
  return Error{ErrorCode::kCorruption, std::string(what) + " of another node is malformed"};
}

}  // namespace

std::string encode(const ShareRequest& request) {
  std::string out(1, static_cast<char>(kShareVersion));
  base::put_fixed(request.now_ns, out);
  put_scan(request.scan, out);
  put_texts(request.indexes, out);
  put_border(request.border, out);
  base::put_varint(request.segments.size(), out);
  for (const metadata::SegmentPtr& segment : request.segments) metadata::put_segment(*segment, out);
  base::put_varint(request.memory_bytes, out);
  return sealed(std::move(out));
}

Result<ShareRequest> decode_share_request(std::string_view bytes) {
  constexpr std::string_view kWhat = "a part of a query";
  ByteReader in = TRY(opened(bytes, kWhat));
  ShareRequest request;
  request.now_ns = in.fixed<std::int64_t>();
  request.scan = read_scan(in);
  request.indexes = read_texts(in);
  request.border = read_border(in);
  for (std::size_t left = metadata::read_count(in); left > 0 && !in.failed(); --left)
    request.segments.push_back(
        std::make_shared<const metadata::SegmentEntry>(metadata::read_segment(in)));
  request.memory_bytes = in.varint();
  if (in.failed() || in.remaining() > 0) return malformed(kWhat);
  return request;
}

std::string encode_frame(FrameKind kind, std::string_view payload) {
  std::string out(1, static_cast<char>(kShareVersion));
  out.reserve(payload.size() + 2 + sizeof(std::uint32_t));
  out.push_back(static_cast<char>(kind));
  out.append(payload);
  return sealed(std::move(out));
}

Result<Frame> decode_frame(std::string_view bytes) {
  constexpr std::string_view kWhat = "an answer";
  ByteReader in = TRY(opened(bytes, kWhat));
  const auto kind = in.fixed<std::uint8_t>();
  if (in.failed() || kind < static_cast<std::uint8_t>(FrameKind::kRows) ||
      kind > static_cast<std::uint8_t>(FrameKind::kEnd))
    return malformed(kWhat);
  return Frame{static_cast<FrameKind>(kind), in.take(in.remaining())};
}

std::string encode(const ShareReport& report) {
  std::string out;
  base::put_varint(report.rows_read, out);
  base::put_varint(report.bytes_read, out);
  for (const std::uint64_t skipped : report.segments_skipped) base::put_varint(skipped, out);
  for (const std::uint64_t skipped : report.row_groups_skipped) base::put_varint(skipped, out);
  put_texts(report.hints, out);
  return out;
}

Result<ShareReport> decode_share_report(std::string_view bytes) {
  ByteReader in(bytes);
  ShareReport report;
  report.rows_read = in.varint();
  report.bytes_read = in.varint();
  for (std::uint64_t& skipped : report.segments_skipped) skipped = in.varint();
  for (std::uint64_t& skipped : report.row_groups_skipped) skipped = in.varint();
  report.hints = read_texts(in);
  if (in.failed() || in.remaining() > 0) return malformed("the end of an answer");
  return report;
}

}  // namespace lynxdb::gather
