// The text of /metrics.
#pragma once

#include "server/http/message.h"

namespace lynxdb::server {

struct Api;

Response metrics_response(Api& api);

}  // namespace lynxdb::server
