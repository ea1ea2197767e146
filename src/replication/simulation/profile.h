// What kind of world a seed makes: how many nodes and copies, how bad network, disks, clocks and
// metadata are.
#pragma once

#include "replication/options.h"
#include "replication/simulation/random.h"

namespace lynxdb::replication::simulation {

struct Profile {
  std::size_t nodes = 3;
  std::uint32_t partitions = 2;
  std::uint32_t copies = 3;
  std::uint32_t min_isr = 2;

  unsigned drop_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned straggler_percent = 0;  // Messages that come seconds late.
  TimeMs delay_max = 10;
  TimeMs disk_max = 10;      // Of a sync.
  TimeMs read_max = 0;       // Between an answer's decision and its reading of the log.
  TimeMs meta_lag_max = 20;  // Until a node learns of a new state.
  unsigned late_command_percent = 0;
  unsigned sync_error_permille = 0;
  unsigned store_trouble_percent = 0;
  TimeMs write_interval = 60;
  TimeMs read_interval = 300;
  TimeMs flush_interval = 800;
  TimeMs fault_interval = 1'500;
  unsigned drift_permille_max = 0;
  unsigned early_fence_percent = 0;
  bool reassign = false;
  bool wipe = false;
  std::size_t answer_batches_max = 8;

  Options core;
};

Profile profile_of(Random& random);

}  // namespace lynxdb::replication::simulation
