// Names that nobody else has, from the system's random numbers.
#pragma once

#include <cstdint>
#include <string>

namespace lynxdb::base {

// Any number but 0.
std::uint64_t random_number();
// 128 bits in hexadecimal digits.
std::string random_id();

}  // namespace lynxdb::base
