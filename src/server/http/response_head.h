// The head of a response as it goes over the wire.
#pragma once

#include <string>

#include "server/http/message.h"

namespace lynxdb::server {

// Down to the empty line. `goes_on`: the connection takes another request. Control bytes in values
// become spaces.
std::string head_of(const Response& response, bool http_1_0, bool goes_on);

}  // namespace lynxdb::server
