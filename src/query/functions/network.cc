// cidrmatch.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"

namespace lynxdb::query {

using event::ColumnBuilder;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

struct Address {
  std::array<unsigned char, 16> bytes{};
  int bits = 0;  // 32 or 128; 0 = no address.
};

Address parse_address(std::string_view text) {
  Address address;
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return address;
  std::copy(text.begin(), text.end(), terminated.begin());
  if (text.find('\0') != std::string_view::npos) return address;
  if (::inet_pton(AF_INET, terminated.data(), address.bytes.data()) == 1)
    address.bits = 32;
  else if (::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1)
    address.bits = 128;
  return address;
}

// 10.0.0.0/8, 2001:db8::/32; an address alone is a network of one.
struct Network {
  Address address;
  int prefix_bits = 0;

  bool contains(std::string_view text) const {
    const Address other = parse_address(text);
    if (other.bits != address.bits) return false;
    const auto whole = static_cast<std::size_t>(prefix_bits / 8);
    if (!std::equal(other.bytes.begin(), other.bytes.begin() + whole, address.bytes.begin()))
      return false;
    const int rest = prefix_bits % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xff00U >> static_cast<unsigned>(rest) & 0xffU;
    return ((other.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
  }
};

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  Network network{.address = parse_address(text.substr(0, slash))};
  if (network.address.bits == 0) return std::nullopt;
  network.prefix_bits = network.address.bits;
  if (slash == std::string_view::npos) return network;
  const std::string_view prefix = text.substr(slash + 1);
  const char* end = prefix.data() + prefix.size();
  const auto [stop, error] = std::from_chars(prefix.data(), end, network.prefix_bits);
  if (error != std::errc{} || stop != end || network.prefix_bits < 0 ||
      network.prefix_bits > network.address.bits)
    return std::nullopt;
  return network;
}

Result<ExpressionPtr> build_cidrmatch(FunctionArguments arguments, const FunctionContext& context) {
  std::optional<Network> literal;
  if (const auto text = constant_argument(arguments, 0); text && !text->is_null()) {
    literal = parse_network(event::text(*text));
    if (!literal)
      return context.at_argument(0, {ErrorCode::kInvalidArgument,
                                     "cidrmatch(): '" + event::text(*text) + "' is not a network",
                                     "cidrmatch(\"10.0.0.0/8\", client_ip)"});
  }
  const auto row = [literal](Arguments values, ColumnBuilder& out) {
    std::string scratch;
    const std::optional<Network> network =
        literal ? literal : parse_network(text_of(values[0], scratch));
    if (!network) return out.append_null();
    std::string address_scratch;
    out.append_bool(network->contains(text_of(values[1], address_scratch)));
  };
  return make_call(std::move(arguments), {.row = row, .lists = ListMode::kAny, .list_argument = 1});
}

constexpr std::array kFunctions = {Function{"cidrmatch", 2, 2, build_cidrmatch}};

}  // namespace

std::span<const Function> network_functions() { return kFunctions; }

}  // namespace lynxdb::query
