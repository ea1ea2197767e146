#include "raft/message_codec.h"
#include "raft/simulation/trace.h"
#include "raft/simulation/world.h"

namespace lynxdb::raft::simulation {

std::uint64_t World::delay(std::size_t from, std::size_t to) {
  if (healing_) return random_.between(1, kTick / 2);
  if (random_.chance(profile_.straggler_percent)) {
    return random_.between(1, std::uint64_t{5} * profile_.core.election_ticks * kTick);
  }
  return random_.between(1, delay_max_[from][to]);
}

void World::send(Node& from, Message message) {
  const std::size_t source = place_of(from.id);
  const std::size_t target = place_of(message.to);
  checker_.message_sent(source, message, from.disk);
  const bool lost =
      blocked_[source][target] || (!healing_ && random_.chance(profile_.drop_percent));
  if (options_.trace) trace("{}{}", describe(message), lost ? "  (lost)" : "");
  if (lost) return;
  const bool twice = !healing_ && random_.chance(profile_.duplicate_percent);
  for (int copies = twice ? 2 : 1; copies > 0; --copies) {
    if (free_slots_.empty()) {
      free_slots_.push_back(messages_.size());
      messages_.emplace_back();
    }
    const std::size_t slot = free_slots_.back();
    free_slots_.pop_back();
    if (copies > 1) {
      messages_[slot] = message;
    } else {
      messages_[slot] = std::move(message);
    }
    schedule(delay(source, target), Kind::kDeliver, target, slot);
  }
}

void World::deliver(const Event& event, Node& node) {
  Message message = std::move(messages_[event.slot]);
  free_slots_.push_back(event.slot);
  if (!node.raft || blocked_[place_of(message.from)][event.node]) return;
  if (options_.trace) trace("  got {}", describe(message));
  if (profile_.encode_messages) {
    std::string bytes;
    encode(message, bytes);
    message = decode_message(bytes).value();
  }
  node.raft->receive(std::move(message));
  if (node.spite_after > 0 && --node.spite_after == 0) schedule(0, Kind::kSpite, event.node);
}

}  // namespace lynxdb::raft::simulation
