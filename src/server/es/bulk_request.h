// The body of Elasticsearch's _bulk: action lines, each with its document's line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::server {

enum class BulkAction : std::uint8_t { kIndex, kCreate, kUpdate, kDelete };
std::string_view to_string(BulkAction action);

struct BulkItem {
  BulkAction action = BulkAction::kIndex;
  std::string index;          // `_index`; empty when neither line nor path names one.
  std::string id;             // `_id`; empty when the client leaves it to us.
  std::string_view document;  // One line of the body; empty for kDelete.
};

// Some clients begin with one.
std::string_view without_byte_order_mark(std::string_view body);

// Items in order; documents are borrowed from `body`. `default_index`: of the path. Errors: kParse
// for a line that is no action (nothing of the request is then stored).
Result<std::vector<BulkItem>> read_bulk(std::string_view body, std::string_view default_index);

}  // namespace lynxdb::server
