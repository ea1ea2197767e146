// What an index can be called: the one rule for events, requests, settings and storage.
#pragma once

#include <cstddef>
#include <string_view>

namespace lynxdb::base {

// [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
constexpr bool is_index_name(std::string_view name) {
  constexpr std::size_t kBytesMax = 128;
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !name.empty() && name.size() <= kBytesMax && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace lynxdb::base
