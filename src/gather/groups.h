// Groups that other nodes make of their shares of a scan.
#pragma once

#include <memory>
#include <vector>

#include "gather/share.h"
#include "query/shard.h"

namespace lynxdb::gather {

// Work on all of them begins at once. A share counts once it is complete; one whose node is lost is
// done again by others, from its beginning.
class ShareGroups final : public query::RemoteGroups {
 public:
  // `task` must outlive it.
  ShareGroups(const ScanTask& task, std::vector<Share> shares);

  Result<query::AggregationParts> collect(std::shared_ptr<const query::AggregationSpec> spec,
                                          const Aggregate& aggregate) override;
  // The work elsewhere ends soon.
  void stop() { answers_.clear(); }

 private:
  Result<std::unique_ptr<query::PartialAggregation>> take(
      ShareAnswer& answer, const std::shared_ptr<const query::AggregationSpec>& spec);
  // What is to be done by others joins the list; what can be done here is.
  Result<> replace(const Share& lost, const Error& why, const Aggregate& aggregate,
                   query::AggregationParts& parts);
  void begin(Share share);

  const ScanTask& task_;
  std::vector<Share> shares_;
  std::vector<std::unique_ptr<ShareAnswer>> answers_;  // Of each share.
};

}  // namespace lynxdb::gather
