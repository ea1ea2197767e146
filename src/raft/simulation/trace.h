// World::trace, for the files of the world.
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "raft/simulation/world.h"

namespace lynxdb::raft::simulation {

template <typename... Args>
void World::trace(const char* format, const Args&... args) {
  if (!options_.trace) return;
  const std::string line = fmt::format(fmt::runtime(format), args...);
  std::printf("%8llu  %s\n", static_cast<unsigned long long>(now_), line.c_str());
}

}  // namespace lynxdb::raft::simulation
