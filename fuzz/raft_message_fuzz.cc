// Any bytes as a message of a Raft group: decoding reports damage or gives a message that survives
// encoding, and a node takes it without harm. Each input is read as it is and, because chance alone
// never finds a checksum, with its frame set right; and as the records of the log on disk.
#include <cstdint>
#include <string>
#include <utility>

#include "base/check.h"
#include "raft/entry_codec.h"
#include "raft/message_codec.h"
#include "raft/raft.h"

namespace {

using namespace lynxdb;

raft::Raft new_node() {
  raft::Options options;
  options.id = raft::NodeId(2);
  raft::Restored restored;
  restored.snapshot.configuration.voters = {raft::NodeId(1), raft::NodeId(2), raft::NodeId(3)};
  return raft::Raft::create(options, raft::Random(1), std::move(restored)).value();
}

// A node of its own each time: two messages of a hostile peer may make two leaders of one term, and
// to stop then is right.
void give_to_a_node(raft::Message message) {
  raft::Raft node = new_node();
  node.receive(std::move(message));
  while (auto ready = node.take_ready()) {
    node.persisted(ready->sequence);
    if (!ready->committed.empty()) node.applied(ready->committed.back().index);
    if (ready->install) node.snapshot_installed(ready->install->last, true);
  }
}

void check_message(std::string_view bytes) {
  auto message = raft::decode_message(bytes);
  if (!message) return;
  std::string once;
  raft::encode(*message, once);
  auto back = raft::decode_message(once);
  LYNXDB_CHECK(back.has_value());
  std::string twice;
  raft::encode(*back, twice);
  LYNXDB_CHECK(once == twice);
  LYNXDB_CHECK(!raft::describe(*message).empty());
  give_to_a_node(std::move(*message));
}

void check_records(std::string_view bytes) {
  if (const auto entry = raft::decode_entry(bytes)) {
    std::string again;
    raft::encode(*entry, again);
    LYNXDB_CHECK(raft::decode_entry(again).has_value());
  }
  (void)raft::decode_hard_state(bytes).has_value();
  (void)raft::decode_snapshot_meta(bytes).has_value();
}

std::string with_right_frame(std::string_view bytes) {
  std::string framed;
  raft::RecordFrame frame(framed);
  framed.append(bytes.substr(bytes.size() < 5 ? bytes.size() : 5));
  frame.close();
  return framed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string framed = with_right_frame(bytes);
  for (const std::string& one : {bytes, framed}) {
    check_message(one);
    check_records(one);
  }
  return 0;
}
