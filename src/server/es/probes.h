// The questions that Elasticsearch's clients and shippers ask before they deliver, and the fixed
// answers that let them go on. Nothing of what they set up is kept.
#pragma once

#include <span>
#include <string_view>

#include "server/http/message.h"

namespace lynxdb::server {

struct Probe {
  Method method;
  std::string_view pattern;  // Below the base of the routes.
  std::string_view answer;   // JSON, but for _cat: text.
};

std::span<const Probe> es_probes();

}  // namespace lynxdb::server
