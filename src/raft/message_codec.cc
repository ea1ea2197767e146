#include "raft/message_codec.h"

#include <utility>

#include "base/check.h"
#include "raft/entry_codec.h"

namespace lynxdb::raft {
namespace {

// An entry's kind, term and payload length take a byte each at least.
constexpr std::size_t kEntryBytesMin = 3;

void put_flag(bool flag, std::string& out) {
  base::put_fixed(static_cast<std::uint8_t>(flag ? 1 : 0), out);
}

void put_stamp(Stamp stamp, std::string& out) {
  base::put_varint(stamp.round, out);
  base::put_varint(stamp.tick, out);
}

Stamp read_stamp(base::ByteReader& in) {
  const std::uint64_t round = in.varint();
  return {round, in.varint()};
}

// --- Writing -------------------------------------------------------------------------------------

void put_body(const VoteRequest& request, std::string& out) {
  put_flag(request.pre_vote, out);
  put_flag(request.transfer, out);
  put_id(request.last, out);
}

void put_body(const VoteReply& reply, std::string& out) {
  put_flag(reply.pre_vote, out);
  put_flag(reply.granted, out);
}

void put_body(const AppendRequest& append, std::string& out) {
  put_id(append.previous, out);
  base::put_varint(append.commit, out);
  put_stamp(append.stamp, out);
  base::put_varint(append.entries.size(), out);
  Index index = append.previous.index;
  for (const Entry& entry : append.entries) {
    LYNXDB_CHECK(entry.index == ++index);
    put_entry(entry, out);
  }
}

void put_body(const AppendReply& reply, std::string& out) {
  put_flag(reply.accepted, out);
  base::put_varint(reply.index, out);
  put_id(reply.hint, out);
  put_stamp(reply.stamp, out);
}

void put_body(const StaleTerm& /*reply*/, std::string& /*out*/) {}

void put_body(const SnapshotChunk& chunk, std::string& out) {
  put_meta(chunk.meta, out);
  base::put_varint(chunk.offset, out);
  base::put_string(chunk.data, out);
}

void put_body(const SnapshotReply& reply, std::string& out) {
  put_id(reply.snapshot, out);
  base::put_varint(reply.received_bytes, out);
}

void put_body(const TimeoutNow& /*request*/, std::string& /*out*/) {}

void put_body(const ReadRequest& request, std::string& out) {
  base::put_varint(request.id, out);
  put_flag(request.mode == ReadMode::kLease, out);
}

void put_body(const ReadReply& reply, std::string& out) {
  base::put_varint(reply.id, out);
  base::put_varint(reply.index, out);
}

// --- Reading -------------------------------------------------------------------------------------

void read_body(base::ByteReader& in, VoteRequest& request) {
  request.pre_vote = read_flag(in);
  request.transfer = read_flag(in);
  request.last = read_id(in);
}

void read_body(base::ByteReader& in, VoteReply& reply) {
  reply.pre_vote = read_flag(in);
  reply.granted = read_flag(in);
}

void read_body(base::ByteReader& in, AppendRequest& append) {
  append.previous = read_id(in);
  append.commit = read_index(in);
  append.stamp = read_stamp(in);
  const std::uint64_t count = in.varint();
  if (count > in.remaining() / kEntryBytesMin) return in.fail();
  append.entries.reserve(count);
  for (std::uint64_t i = 1; i <= count && !in.failed(); ++i) {
    append.entries.push_back(read_entry(in, append.previous.index + i));
  }
}

void read_body(base::ByteReader& in, AppendReply& reply) {
  reply.accepted = read_flag(in);
  reply.index = read_index(in);
  reply.hint = read_id(in);
  reply.stamp = read_stamp(in);
}

void read_body(base::ByteReader& /*in*/, StaleTerm& /*reply*/) {}

void read_body(base::ByteReader& in, SnapshotChunk& chunk) {
  chunk.meta = read_meta(in);
  chunk.offset = in.varint();
  chunk.data = std::string(in.string());
}

void read_body(base::ByteReader& in, SnapshotReply& reply) {
  reply.snapshot = read_id(in);
  reply.received_bytes = in.varint();
}

void read_body(base::ByteReader& /*in*/, TimeoutNow& /*request*/) {}

void read_body(base::ByteReader& in, ReadRequest& request) {
  request.id = in.varint();
  request.mode = read_flag(in) ? ReadMode::kLease : ReadMode::kReadIndex;
}

void read_body(base::ByteReader& in, ReadReply& reply) {
  reply.id = in.varint();
  reply.index = read_index(in);
}

// Tags are the places in MessageBody.
template <std::size_t tag = 0>
MessageBody empty_body(std::size_t wanted, base::ByteReader& in) {
  if constexpr (tag < std::variant_size_v<MessageBody>) {
    if (wanted == tag) return MessageBody(std::in_place_index<tag>);
    return empty_body<tag + 1>(wanted, in);
  } else {
    in.fail();
    return StaleTerm{};
  }
}

}  // namespace

void encode(const Message& message, std::string& out) {
  RecordFrame frame(out);
  base::put_fixed(static_cast<std::uint8_t>(message.body.index()), out);
  base::put_varint(message.from.value(), out);
  base::put_varint(message.to.value(), out);
  base::put_varint(message.term.value(), out);
  std::visit([&](const auto& body) { put_body(body, out); }, message.body);
  frame.close();
}

Result<Message> decode_message(std::string_view bytes) {
  base::ByteReader in(TRY(open_record(bytes)));
  const auto tag = in.fixed<std::uint8_t>();
  Message message;
  message.from = NodeId(in.varint());
  message.to = NodeId(in.varint());
  message.term = Term(in.varint());
  message.body = empty_body(tag, in);
  std::visit([&](auto& body) { read_body(in, body); }, message.body);
  TRY(expect_end(in));
  return message;
}

}  // namespace lynxdb::raft
