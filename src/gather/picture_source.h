// A picture of the whole cluster as a source of queries: the same events, in the same order, on
// every node, and as one node would give them.
#pragma once

#include <memory>
#include <vector>

#include "gather/picture.h"
#include "query/engine.h"
#include "spl2/ast.h"

namespace lynxdb::gather {

// Where the request's part that runs beside the source can be run elsewhere, it is
// (ScanRequest::shard_text); else the others' rows come here, filtered, with the fields that are
// read. `execution` outlives the source. Errors: those of scan::open_store_source.
Result<query::SourcePtr> open_picture(const std::shared_ptr<Picture>& picture,
                                      const std::vector<spl2::SourceName>& names,
                                      const query::ScanRequest& request,
                                      query::Execution& execution);

}  // namespace lynxdb::gather
