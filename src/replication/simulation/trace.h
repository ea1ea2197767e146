// World::trace, for the files of the world.
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "replication/simulation/world.h"

namespace lynxdb::replication::simulation {

inline constexpr std::size_t kTailLines = 60;

template <typename... Args>
void World::trace(const char* format, const Args&... args) {
  if (!options_.trace && !options_.tail) return;
  std::string line = fmt::format("{:8}  ", now_) + fmt::format(fmt::runtime(format), args...);
  if (options_.trace) std::printf("%s\n", line.c_str());
  tail_.push_back(std::move(line));
  if (tail_.size() > kTailLines) tail_.pop_front();
}

}  // namespace lynxdb::replication::simulation
