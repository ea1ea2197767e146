#include "replication/simulation/profile.h"

#include <array>

namespace lynxdb::replication::simulation {
namespace {

template <typename T, std::size_t n>
T choice(Random& random, const std::array<T, n>& choices) {
  return choices[random.below(n)];
}

void choose_size(Random& random, Profile& profile) {
  profile.nodes = static_cast<std::size_t>(random.between(3, 5));
  profile.partitions = static_cast<std::uint32_t>(random.between(1, 4));
  const std::uint64_t what = random.below(10);
  if (what < 6) return;
  if (what == 6) {
    profile.copies = 2;
    profile.min_isr = 1;
  } else if (what == 7) {
    profile.copies = 3;
    profile.min_isr = 1;
  } else if (what == 8) {
    profile.copies = 2;
    profile.min_isr = 2;
  } else {
    profile.nodes = 5;
    profile.copies = 5;
    profile.min_isr = 3;
  }
}

}  // namespace

Profile profile_of(Random& random) {
  Profile profile;
  choose_size(random, profile);
  profile.drop_percent = choice(random, std::array<unsigned, 5>{0, 0, 1, 5, 20});
  profile.duplicate_percent = choice(random, std::array<unsigned, 3>{0, 2, 15});
  profile.straggler_percent = choice(random, std::array<unsigned, 3>{0, 1, 4});
  profile.delay_max = choice(random, std::array<TimeMs, 4>{2, 10, 60, 250});
  profile.disk_max = choice(random, std::array<TimeMs, 4>{1, 5, 40, 400});
  profile.read_max = choice(random, std::array<TimeMs, 3>{0, 5, 60});
  profile.meta_lag_max = choice(random, std::array<TimeMs, 4>{10, 60, 400, 2'500});
  profile.late_command_percent = choice(random, std::array<unsigned, 3>{0, 3, 15});
  profile.sync_error_permille = choice(random, std::array<unsigned, 4>{0, 0, 1, 4});
  profile.store_trouble_percent = choice(random, std::array<unsigned, 3>{0, 10, 40});
  profile.write_interval = choice(random, std::array<TimeMs, 3>{25, 60, 150});
  profile.read_interval = choice(random, std::array<TimeMs, 2>{150, 500});
  profile.flush_interval = choice(random, std::array<TimeMs, 3>{300, 1'000, 4'000});
  profile.fault_interval = choice(random, std::array<TimeMs, 4>{400, 1'200, 3'000, 8'000});
  profile.drift_permille_max = choice(random, std::array<unsigned, 3>{0, 10, 45});
  profile.early_fence_percent = choice(random, std::array<unsigned, 2>{0, 60});
  profile.reassign = random.chance(50);
  profile.wipe = random.chance(40);
  profile.answer_batches_max = choice(random, std::array<std::size_t, 3>{1, 4, 100});
  return profile;
}

}  // namespace lynxdb::replication::simulation
