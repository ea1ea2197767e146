#include "base/random_id.h"

#include <fmt/format.h>

#include <random>

namespace lynxdb::base {

std::uint64_t random_number() {
  std::random_device device;
  std::uint64_t value = 0;
  while (value == 0) value = (std::uint64_t{device()} << 32U) | device();
  return value;
}

std::string random_id() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

}  // namespace lynxdb::base
