#include "gather/groups.h"

#include <utility>

#include "gather/rows.h"

namespace lynxdb::gather {

ShareGroups::ShareGroups(const ScanTask& task, std::vector<Share> shares) : task_(task) {
  for (Share& share : shares) begin(std::move(share));
}

void ShareGroups::begin(Share share) {
  answers_.push_back(std::make_unique<ShareAnswer>(task_, share));
  shares_.push_back(std::move(share));
}

Result<query::AggregationParts> ShareGroups::collect(
    std::shared_ptr<const query::AggregationSpec> spec, const Aggregate& aggregate) {
  query::AggregationParts parts;
  for (std::size_t i = 0; i < answers_.size(); ++i) {  // Replacements join them.
    const auto answer = std::move(answers_[i]);
    auto part = take(*answer, spec);
    if (part) {
      parts.push_back(*std::move(part));
      continue;
    }
    if (!is_lost(task_.execution, part.error())) return part.error();
    const Share lost = shares_[i];
    TRY(replace(lost, part.error(), aggregate, parts));
  }
  return parts;
}

Result<std::unique_ptr<query::PartialAggregation>> ShareGroups::take(
    ShareAnswer& answer, const std::shared_ptr<const query::AggregationSpec>& spec) {
  auto part = std::make_unique<query::PartialAggregation>(spec, task_.execution);
  while (const std::optional<std::string> bytes = TRY(answer.next())) {
    const Frame frame = TRY(decode_frame(*bytes));
    if (frame.kind != FrameKind::kGroups)
      return Error{ErrorCode::kCorruption, "another node answered with something else than groups"};
    TRY(part->merge_encoded(frame.payload));
  }
  return part;
}

Result<> ShareGroups::replace(const Share& lost, const Error& why, const Aggregate& aggregate,
                              query::AggregationParts& parts) {
  std::vector<storage::TailBatchPtr> own;
  for (cluster::LeaderTail& tail : TRY(hold_again(task_, lost, why))) {
    if (tail.is_own) own = tail.hold.batches;
    Share share{.node = tail.node,
                .segments = {},
                .hold = tail.hold.id,
                .parts = tail.hold.parts,
                .tail_rows = tail.hold.rows};
    const bool is_own = tail.is_own;
    task_.picture->keep(std::move(tail));
    if (!is_own && share.tail_rows > 0) begin(std::move(share));
  }
  if (own.empty() && lost.segments.empty()) return {};
  const auto source = TRY(open_here(task_, lost.segments, std::move(own), scan::KeepOrder::kNo));
  for (auto& part : TRY(aggregate(*source))) parts.push_back(std::move(part));
  return {};
}

}  // namespace lynxdb::gather
