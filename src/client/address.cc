#include "client/address.h"

#include <algorithm>

#include "config/values.h"

namespace lynxdb::client {
namespace {

Error wrong(std::string_view server, std::string_view what) {
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(server) + "' is no server: " + std::string(what),
               "a server is a URL such as http://localhost:3100"};
}

// What stands between the scheme and the path: "db2:3100".
std::string_view authority_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://"), url.size() - 3) + 3);
  return url.substr(0, url.find('/'));
}

std::string_view host_of(std::string_view url) {
  std::string_view authority = authority_of(url);
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> parse_server(std::string_view text) {
  std::string url(text);
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return wrong(text, "only http and https are spoken here");
  if (!is_plain(url) || url.find_first_of("?#@") != std::string::npos)
    return wrong(text, "there is more than scheme, host, port and path");
  while (url.ends_with('/')) url.pop_back();
  if (url.size() <= std::string_view("https://").size() - 1 || host_of(url).empty())
    return wrong(text, "it names no host");
  return url;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

Result<std::vector<std::string>> parse_servers(std::string_view list) {
  std::vector<std::string> servers;
  for (const std::string& word : config::split_list(list))
    servers.push_back(TRY(parse_server(word)));
  if (servers.empty()) return wrong(list, "it is empty");
  return servers;
}

bool is_loopback(std::string_view base_url) {
  const std::string_view host = host_of(base_url);
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c))
      out += c;
    else
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

std::string with_parameters(std::string_view path,
                            const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    out += separator;
    out += name + "=" + percent_encoded(value);
    separator = '&';
  }
  return out;
}

}  // namespace lynxdb::client
