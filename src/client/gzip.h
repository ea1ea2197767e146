// Bodies of requests, compressed.
#pragma once

#include <string>
#include <string_view>

namespace lynxdb::client {

// The same bytes give the same result: a retried batch stays the same batch.
std::string gzip(std::string_view bytes);

}  // namespace lynxdb::client
