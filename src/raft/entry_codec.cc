#include "raft/entry_codec.h"

#include <utility>

#include "base/hash.h"

namespace lynxdb::raft {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
constexpr std::size_t kFrameBytes = 5;

Error bad_record(std::string_view what) {
  return Error{ErrorCode::kCorruption, "raft record: " + std::string(what)};
}

}  // namespace

RecordFrame::RecordFrame(std::string& out) : out_(out), start_(out.size()) {
  out_.push_back(static_cast<char>(kRecordVersion));
  out_.append(kFrameBytes - 1, '\0');
}

void RecordFrame::close() {
  const std::string_view body = std::string_view(out_).substr(start_ + kFrameBytes);
  const std::uint32_t crc = base::crc32c(body);
  std::memcpy(out_.data() + start_ + 1, &crc, sizeof(crc));
}

Result<std::string_view> open_record(std::string_view bytes) {
  base::ByteReader in(bytes);
  const auto version = in.fixed<std::uint8_t>();
  const auto crc = in.fixed<std::uint32_t>();
  if (in.failed()) return bad_record("too short");
  if (version != kRecordVersion) return bad_record("unknown version " + std::to_string(version));
  const std::string_view body = in.take(in.remaining());
  if (base::crc32c(body) != crc) return bad_record("bad checksum");
  return body;
}

Result<> expect_end(const base::ByteReader& in) {
  if (in.failed() || in.remaining() != 0) return bad_record("malformed body");
  return {};
}

void put_id(EntryId id, std::string& out) {
  base::put_varint(id.index, out);
  base::put_varint(id.term.value(), out);
}

EntryId read_id(base::ByteReader& in) {
  const Index index = read_index(in);
  return {index, Term(in.varint())};
}

Index read_index(base::ByteReader& in) {
  const Index index = in.varint();
  if (index > kIndexMax) in.fail();
  return in.failed() ? 0 : index;
}

bool read_flag(base::ByteReader& in) {
  const auto flag = in.fixed<std::uint8_t>();
  if (flag > 1) in.fail();
  return flag == 1;
}

void put_entry(const Entry& entry, std::string& out) {
  base::put_fixed(static_cast<std::uint8_t>(entry.kind), out);
  base::put_varint(entry.term.value(), out);
  base::put_string(entry.payload ? std::string_view(*entry.payload) : std::string_view(), out);
}

Entry read_entry(base::ByteReader& in, Index index) {
  const auto kind = in.fixed<std::uint8_t>();
  if (kind < static_cast<std::uint8_t>(EntryKind::kNoOp) ||
      kind > static_cast<std::uint8_t>(EntryKind::kConfiguration)) {
    in.fail();
  }
  Entry entry{index, Term(in.varint()), static_cast<EntryKind>(kind), nullptr};
  const std::string_view payload = in.string();
  if (!payload.empty()) entry.payload = std::make_shared<const std::string>(payload);
  return entry;
}

void put_meta(const SnapshotMeta& meta, std::string& out) {
  put_id(meta.last, out);
  base::put_varint(meta.size_bytes, out);
  std::string members;
  encode(meta.configuration, members);
  base::put_string(members, out);
}

SnapshotMeta read_meta(base::ByteReader& in) {
  SnapshotMeta meta;
  meta.last = read_id(in);
  meta.size_bytes = in.varint();
  auto members = decode_configuration(in.string());
  if (members) {
    meta.configuration = std::move(*members);
  } else {
    in.fail();
  }
  return meta;
}

void encode(const Entry& entry, std::string& out) {
  RecordFrame frame(out);
  base::put_varint(entry.index, out);
  put_entry(entry, out);
  frame.close();
}

void encode(const HardState& state, std::string& out) {
  RecordFrame frame(out);
  base::put_varint(state.term.value(), out);
  base::put_varint(state.vote.value(), out);
  base::put_varint(state.commit, out);
  frame.close();
}

void encode(const SnapshotMeta& meta, std::string& out) {
  RecordFrame frame(out);
  put_meta(meta, out);
  frame.close();
}

Result<Entry> decode_entry(std::string_view bytes) {
  base::ByteReader in(TRY(open_record(bytes)));
  const Index index = read_index(in);
  Entry entry = read_entry(in, index);
  TRY(expect_end(in));
  return entry;
}

Result<HardState> decode_hard_state(std::string_view bytes) {
  base::ByteReader in(TRY(open_record(bytes)));
  HardState state;
  state.term = Term(in.varint());
  state.vote = NodeId(in.varint());
  state.commit = read_index(in);
  TRY(expect_end(in));
  return state;
}

Result<SnapshotMeta> decode_snapshot_meta(std::string_view bytes) {
  base::ByteReader in(TRY(open_record(bytes)));
  SnapshotMeta meta = read_meta(in);
  TRY(expect_end(in));
  return meta;
}

}  // namespace lynxdb::raft
