// What kind of world a seed makes: how many nodes, how bad the network, the disks and the clocks.
#pragma once

#include <cstdint>

#include "raft/options.h"
#include "raft/random.h"

namespace lynxdb::raft::simulation {

// Times are in hundredths of a tick.
inline constexpr std::uint64_t kTick = 100;

struct Profile {
  std::size_t nodes = 3;   // 3 to 7, members or not.
  std::size_t voters = 3;  // At the start; the first ones.
  bool members_change = false;

  unsigned drop_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned straggler_percent = 0;  // Arrive up to many election timeouts late.
  std::uint64_t delay_max = kTick;
  std::uint64_t disk_max = kTick;
  std::uint64_t apply_max = 0;  // 0: at once.
  std::uint64_t client_interval = kTick;
  std::uint64_t fault_interval = 20 * kTick;
  unsigned spite_percent = 0;      // Of new leaders that meet a fault at once: terms get crowded.
  std::uint64_t tick_min = kTick;  // Of the fastest and the slowest clock.
  std::uint64_t tick_max = kTick;
  unsigned snapshot_percent = 10;  // Of what clients do.
  unsigned membership_percent = 0;
  unsigned transfer_percent = 3;
  unsigned read_percent = 30;
  std::uint64_t spite_after_max = 12;  // Messages that it gets before.
  unsigned crash_percent = 60;         // Of such faults; the others cut all links but one.
  unsigned mute_percent = 0;           // Of such faults: it hears all and is heard by nobody.
  unsigned eager_change_percent = 0;   // Of new leaders that are asked to change members at once.
  bool uneven_links = false;           // Each direction of each link has its own delay.
  bool slow_to_first = false;          // What is for the first node takes long.
  bool encode_messages = false;

  Options core;  // Without an id.
};

Profile profile_of(Random& random);

}  // namespace lynxdb::raft::simulation
