// Every kind of message and record comes back from its bytes; any damage to them is an error, and
// never more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raft/entry_codec.h"
#include "raft/message_codec.h"
#include "raft/testing.h"

namespace lynxdb::raft {
namespace {

using namespace lynxdb::raft::testing;

std::vector<Message> one_of_each() {
  const std::vector<Entry> entries{command(8, 3), configuration_entry(9, 3, members({1, 2}, {7})),
                                   Entry{10, Term(4), EntryKind::kNoOp, nullptr}};
  const SnapshotMeta meta{{7, Term(3)}, members({1, 2, 3}, {4}), 1000};
  const std::vector<MessageBody> bodies{VoteRequest{true, false, {7, Term(3)}},
                                        VoteReply{false, true},
                                        AppendRequest{{7, Term(3)}, 6, {11, 12}, entries},
                                        AppendReply{false, 7, {5, Term(2)}, {11, 12}},
                                        StaleTerm{},
                                        SnapshotChunk{meta, 400, std::string("\0bytes\xff", 7)},
                                        SnapshotReply{{7, Term(3)}, 407},
                                        TimeoutNow{},
                                        ReadRequest{77, ReadMode::kLease},
                                        ReadReply{77, 12}};
  std::vector<Message> messages;
  for (const MessageBody& body : bodies) messages.push_back({NodeId(1), NodeId(2), Term(4), body});
  return messages;
}

std::string bytes_of(const Message& message) {
  std::string bytes;
  encode(message, bytes);
  return bytes;
}

TEST(RaftMessageCodec, EveryKindComesBack) {
  for (const Message& message : one_of_each()) {
    SCOPED_TRACE(describe(message));
    const std::string bytes = bytes_of(message);
    const auto back = decode_message(bytes);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(describe(*back), describe(message));
    EXPECT_EQ(bytes_of(*back), bytes);
  }
}

TEST(RaftMessageCodec, NoCutAndNoFlippedBitGoesUnnoticed) {
  for (const Message& message : one_of_each()) {
    SCOPED_TRACE(describe(message));
    const std::string bytes = bytes_of(message);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      EXPECT_FALSE(decode_message(bytes.substr(0, cut)).has_value());
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(decode_message(damaged).has_value());
    }
    EXPECT_FALSE(decode_message(bytes + "x").has_value());
  }
}

// With its checksum set right, as somebody hostile would.
std::string framed(std::string_view body) {
  std::string bytes;
  RecordFrame frame(bytes);
  bytes.append(body);
  frame.close();
  return bytes;
}

TEST(RaftMessageCodec, ACountOfEntriesThatCannotBeIsRefusedBeforeMemoryIsTaken) {
  std::string body("\x02\x01\x02\x04", 4);  // An append from 1 to 2 in term 4,
  body.append(5, '\0');                     // after nothing,
  base::put_varint(std::uint64_t{1} << 60U, body);
  const auto decoded = decode_message(framed(body));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
}

TEST(RaftMessageCodec, AnUnknownKindIsRefused) {
  EXPECT_FALSE(decode_message(framed(std::string("\x0a\x01\x02\x04", 4))).has_value());
  EXPECT_FALSE(decode_message(framed("")).has_value());
}

TEST(RaftMessageCodec, AnUnknownVersionIsNamed) {
  std::string bytes = bytes_of(one_of_each().front());
  bytes[0] = 9;
  EXPECT_EQ(decode_message(bytes).error().message, "raft record: unknown version 9");
}

TEST(RaftEntryCodec, RecordsOfTheLogComeBack) {
  for (const Entry& entry : {command(8, 3), configuration_entry(9, 3, members({1}))}) {
    std::string bytes;
    encode(entry, bytes);
    const Entry back = decode_entry(bytes).value();
    EXPECT_EQ(back.id(), entry.id());
    EXPECT_EQ(back.kind, entry.kind);
    EXPECT_EQ(*back.payload, *entry.payload);
  }
  const HardState state{Term(9), NodeId(3), 12};
  std::string bytes;
  encode(state, bytes);
  EXPECT_EQ(decode_hard_state(bytes).value(), state);
  const SnapshotMeta meta{{7, Term(3)}, members({1, 2, 3}, {4}), 1000};
  bytes.clear();
  encode(meta, bytes);
  EXPECT_EQ(decode_snapshot_meta(bytes).value(), meta);
}

TEST(RaftConfigurationCodec, MembersThatCannotBeAreRefused) {
  for (const Configuration& wrong :
       {members({2, 1}), members({1, 1}), members({1}, {1}), members({0, 1}), members({}, {1})}) {
    std::string bytes;
    encode(wrong, bytes);
    EXPECT_FALSE(decode_configuration(bytes).has_value());
  }
}

}  // namespace
}  // namespace lynxdb::raft
