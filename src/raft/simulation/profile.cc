#include "raft/simulation/profile.h"

#include <array>

namespace lynxdb::raft::simulation {
namespace {

template <typename T, std::size_t n>
T one_of(Random& random, const std::array<T, n>& choices) {
  return choices[random.below(n)];
}

// So small that short runs meet every limit.
Options core_of(Random& random) {
  Options options;
  options.election_ticks = static_cast<std::uint32_t>(random.between(8, 16));
  options.heartbeat_ticks = static_cast<std::uint32_t>(random.between(1, 3));
  options.append_bytes_max = one_of(random, std::array<std::size_t, 3>{1, 200, 1000});
  options.inflight_appends_max = random.between(1, 8);
  options.inflight_bytes_max = one_of(random, std::array<std::size_t, 2>{200, 4000});
  options.uncommitted_bytes_max = one_of(random, std::array<std::size_t, 2>{1000, 20000});
  options.apply_bytes_max = one_of(random, std::array<std::size_t, 2>{1, 1000});
  options.reads_pending_max = 16;
  options.snapshot_chunk_bytes = 24;
  options.snapshot_chunks_inflight_max = random.between(1, 3);
  options.trailing_entries = one_of(random, std::array<Index, 4>{0, 1, 5, 30});
  options.promotion_lag_max = 10;
  return options;
}

// Leaders fall one after the other, entries arrive one at a time: figure 8 in the making.
void crowd_terms(Random& random, Profile& profile) {
  profile.nodes = profile.voters = random.chance(70) ? 5 : 3;
  profile.members_change = false;
  profile.membership_percent = 0;
  profile.spite_percent = 90;
  profile.drop_percent = 0;
  profile.disk_max = 10;
  profile.delay_max = 60;
  profile.core.append_bytes_max = 1;
  profile.core.inflight_appends_max = 1;
  profile.core.trailing_entries = 30;
}

// Leaders that change members at once and are cut off: two lines of changes that do not meet.
void quarrel_over_members(Random& random, Profile& profile) {
  profile.nodes = random.between(4, 5);
  profile.voters = 4;
  profile.members_change = true;
  profile.membership_percent = 25;
  profile.eager_change_percent = 100;
  profile.snapshot_percent = profile.transfer_percent = 0;
  profile.read_percent = 5;
  profile.spite_percent = 90;
  profile.spite_after_max = 3;
  profile.crash_percent = 15;
  profile.straggler_percent = 0;
  profile.uneven_links = false;
  profile.delay_max = 60;
  profile.disk_max = 10;
  profile.client_interval = 60;
  profile.fault_interval = 800;
  profile.core.election_ticks = 8;
  profile.core.trailing_entries = 30;
}

// Leaders whose answers come late, cut off while the others elect at once: old leases.
void outlive_leases(Random& random, Profile& profile) {
  profile.nodes = profile.voters = 3;
  profile.members_change = false;
  profile.membership_percent = 0;
  profile.spite_percent = 100;
  profile.mute_percent = 80;
  profile.slow_to_first = true;
  profile.uneven_links = false;
  profile.straggler_percent = 0;
  profile.drop_percent = 0;
  profile.delay_max = 10;
  profile.disk_max = 5;
  profile.client_interval = 20;
  profile.fault_interval = 800;
  profile.core.election_ticks = static_cast<std::uint32_t>(random.between(8, 12));
  profile.core.heartbeat_ticks = 1;
}

}  // namespace

Profile profile_of(Random& random) {
  Profile profile;
  profile.nodes = random.between(3, 7);
  profile.voters = profile.nodes;
  profile.members_change = random.chance(60);
  if (profile.members_change) {
    profile.nodes = random.between(4, 7);
    profile.voters = random.between(1, profile.nodes);
    profile.membership_percent = one_of(random, std::array<unsigned, 3>{3, 10, 25});
  }
  profile.drop_percent = one_of(random, std::array<unsigned, 5>{0, 0, 1, 10, 30});
  profile.duplicate_percent = one_of(random, std::array<unsigned, 3>{0, 2, 15});
  profile.straggler_percent = one_of(random, std::array<unsigned, 3>{0, 1, 5});
  profile.delay_max = one_of(random, std::array<std::uint64_t, 4>{20, 60, 150, 400});
  profile.disk_max = one_of(random, std::array<std::uint64_t, 4>{1, 30, 100, 400});
  profile.apply_max = one_of(random, std::array<std::uint64_t, 3>{0, 50, 300});
  profile.client_interval = one_of(random, std::array<std::uint64_t, 3>{20, 60, 150});
  profile.fault_interval = one_of(random, std::array<std::uint64_t, 3>{800, 2000, 5000});
  profile.spite_percent = one_of(random, std::array<unsigned, 4>{0, 0, 30, 80});
  if (random.chance(70)) {
    profile.tick_min = 91;
    profile.tick_max = 111;
  }
  profile.snapshot_percent = one_of(random, std::array<unsigned, 3>{0, 5, 20});
  profile.transfer_percent = one_of(random, std::array<unsigned, 3>{0, 3, 10});
  profile.encode_messages = random.chance(5);
  profile.eager_change_percent = profile.members_change ? 30 : 0;
  profile.uneven_links = random.chance(40);
  profile.core = core_of(random);
  const std::uint64_t weather = random.below(10);
  if (weather == 0) crowd_terms(random, profile);
  if (weather == 1 || weather == 3) quarrel_over_members(random, profile);
  if (weather == 2) outlive_leases(random, profile);
  return profile;
}

}  // namespace lynxdb::raft::simulation
