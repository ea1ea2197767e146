// How the body of a request is framed, and the answers to heads that are not as they should be.
// What two servers could read differently is refused.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "server/http/message.h"

namespace lynxdb::server {

using HeadParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

struct Framing {
  bool chunked = false;
  std::uint64_t length = 0;  // Unless chunked.
  bool has_body() const { return chunked || length > 0; }
};

// Fills `framing` from a whole head, whose headers are `request`'s; or refuses it.
std::optional<Response> check_framing(const HeadParser& parser, const Request& request,
                                      std::size_t header_bytes_max, Framing& framing);

Method method_of(boost::beast::http::verb verb);

// Answers that end the connection.
Response bad_request(int status, std::string message);
Response too_large(std::size_t bytes_max, std::string_view setting);
Response header_error(const boost::system::error_code& error);

}  // namespace lynxdb::server
