// URLs of S3 services: taken apart, and made of parts that may hold any bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::s3 {

// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX, as SigV4 wants it.
std::string percent_encode(std::string_view text);
// As percent_encode, but slashes stay: for keys in paths.
std::string percent_encode_path(std::string_view path);
// The bytes that %XX stand for. kParse on a % without two hex digits.
Result<std::string> percent_decode(std::string_view text);

// Names and values before encoding.
using Query = std::vector<std::pair<std::string, std::string>>;
// Sorted and encoded, without the question mark: what is sent and what is signed.
std::string canonical_query(const Query& query);

struct Url {
  bool tls = true;
  std::string host;  // As in the Host header: without the port; an IPv6 address in brackets.
  std::string port;  // Empty: the scheme's.
  std::string path;  // Empty, or begins with '/' and does not end with it; still encoded.

  std::string authority() const { return port.empty() ? host : host + ":" + port; }
  std::string origin() const { return (tls ? "https://" : "http://") + authority(); }
};

// http:// or https://, host, perhaps port and path. kInvalidArgument for anything else, above all
// user names, passwords and queries, which would end up in messages.
Result<Url> parse_url(std::string_view text);

// "127.0.0.1", "[::1]": names below which there can be no bucket's name.
bool is_ip_address(std::string_view host);
// This machine itself, which no proxy can reach.
bool is_loopback(std::string_view host);

}  // namespace lynxdb::s3
