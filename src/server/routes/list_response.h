// Answers that are lists: `limit` and `offset`, and NDJSON for those who ask for it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/http/message.h"

namespace lynxdb::server {

struct ListPage {
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t offset = 0;
  bool is_ndjson = false;  // Accept: application/x-ndjson
};

// Errors: kInvalidArgument.
Result<ListPage> read_list_page(const Request& request);

// {"data": {NAME: [items of the page] MORE}, "meta": META}, or the items as lines. `items` are JSON
// objects; `more`: further members (`,"approximate":true`), or empty.
Response list_response(const ListPage& page, std::string_view name,
                       const std::vector<std::string>& items, std::string_view more,
                       std::string_view meta);

}  // namespace lynxdb::server
