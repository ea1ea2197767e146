// Rows of several nodes in one order, newest first, as if they had been in one place.
#pragma once

#include <vector>

#include "gather/share.h"
#include "query/operator.h"
#include "scan/newest_first.h"
#include "scan/store_source.h"

namespace lynxdb::gather {

// Rows here: of these segments and batches.
Result<query::SourcePtr> open_here(const ScanTask& task,
                                   const std::vector<metadata::SegmentPtr>& segments,
                                   std::vector<storage::TailBatchPtr> tail,
                                   scan::KeepOrder keep_order);

// Rows of a share, with the columns that say where they stand. If its node is lost the others take
// over where it stopped: no row comes twice.
query::OperatorPtr share_rows(const ScanTask& task, Share share);

// Inputs are in order and have those columns; so has the output.
query::OperatorPtr merge_newest_first(std::vector<query::OperatorPtr> inputs);

}  // namespace lynxdb::gather
