// A part of a read view, as one node reads it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "storage/read_view.h"

namespace lynxdb::gather {

inline storage::ReadView share_view(const std::vector<metadata::SegmentPtr>& segments,
                                    std::vector<storage::TailBatchPtr> tail,
                                    storage::RetentionBorder border) {
  auto state = std::make_shared<metadata::State>();
  for (const metadata::SegmentPtr& segment : segments) state->segments[segment->id] = segment;
  return {std::move(state), {}, std::move(tail), std::move(border), nullptr};
}

}  // namespace lynxdb::gather
