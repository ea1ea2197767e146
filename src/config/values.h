// Values of settings that are more than one word: lists and addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::config {

// Words between commas, without the spaces around; empty ones are left out.
std::vector<std::string> split_list(std::string_view text);

struct Address {
  std::string host;  // Empty: all local addresses.
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

// "host:port", ":port", "[::1]:port", "1.2.3.4:port". A missing port is `default_port`, or, without
// one, nullopt: this is no address.
std::optional<Address> parse_address(std::string_view text,
                                     std::optional<std::uint16_t> default_port = std::nullopt);
// "host:port", IPv6 in brackets.
std::string address_text(const Address& address);

}  // namespace lynxdb::config
