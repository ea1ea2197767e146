#include "gather/rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "event/batch_codec.h"
#include "gather/share_view.h"
#include "query/parallel.h"

namespace lynxdb::gather {
namespace {

using event::EventBatch;
using query::OperatorPtr;
using scan::NewestFirst;

// Whether the rows say where they stand: nodes are trusted, not their bytes.
bool has_order(const EventBatch& batch) {
  const auto is_of = [&](std::string_view name, event::Kind kind) {
    const event::ColumnPtr* column = batch.find(name);
    return column != nullptr && (*column)->kind() == kind && !(*column)->has_nulls();
  };
  return is_of(event::kTime, event::Kind::kTimestamp) &&
         is_of(scan::kOffsetColumn, event::Kind::kInt) &&
         is_of(scan::kPartitionColumn, event::Kind::kInt);
}

Result<EventBatch> read_rows(std::string bytes) {
  const auto owned = std::make_shared<const std::string>(std::move(bytes));
  const Frame frame = TRY(decode_frame(*owned));
  if (frame.kind != FrameKind::kRows)
    return Error{ErrorCode::kCorruption, "another node answered with something else than rows"};
  EventBatch batch = TRY(event::decode(frame.payload, owned));
  if (batch.rows() == 0 || !has_order(batch))
    return Error{ErrorCode::kCorruption, "another node answered with rows without their order"};
  return batch;
}

class ShareRows final : public query::Operator {
 public:
  ShareRows(const ScanTask& task, Share share)
      : task_(task),
        share_(std::move(share)),
        answer_(std::make_unique<ShareAnswer>(task_, share_)) {}

  Result<std::optional<EventBatch>> next() override {
    while (answer_ != nullptr) {
      auto batch = next_of_node();
      if (batch) {
        if (*batch) given_ += (*batch)->rows();
        return batch;
      }
      if (!is_lost(task_.execution, batch.error())) return batch;
      answer_.reset();
      replacement_ = TRY(replace(batch.error()));
    }
    return next_of_replacement();
  }

 private:
  Result<std::optional<EventBatch>> next_of_node() {
    std::optional<std::string> bytes = TRY(answer_->next());
    if (!bytes) return std::optional<EventBatch>();
    EventBatch batch = TRY(read_rows(*std::move(bytes)));
    answer_->count_rows(batch.rows());
    return std::optional(std::move(batch));
  }

  // The order of a share's rows does not depend on who reads it: what was given is left out.
  Result<std::optional<EventBatch>> next_of_replacement() {
    while (true) {
      std::optional<EventBatch> batch = TRY(replacement_->next());
      if (!batch || given_ == 0) return batch;
      const std::uint64_t known = std::min<std::uint64_t>(given_, batch->rows());
      given_ -= known;
      if (known < batch->rows()) return batch->slice(known, batch->rows() - known);
    }
  }

  Result<OperatorPtr> replace(const Error& why) {
    std::vector<OperatorPtr> inputs;
    auto tails = TRY(hold_again(task_, share_, why));
    std::vector<storage::TailBatchPtr> own;
    for (cluster::LeaderTail& tail : tails) {
      if (tail.is_own) own = tail.hold.batches;
      Share share{.node = tail.node,
                  .segments = {},
                  .hold = tail.hold.id,
                  .parts = tail.hold.parts,
                  .tail_rows = tail.hold.rows};
      const bool is_own = tail.is_own;
      task_.picture->keep(std::move(tail));
      if (!is_own && share.tail_rows > 0) inputs.push_back(share_rows(task_, std::move(share)));
    }
    if (!own.empty() || !share_.segments.empty()) {
      auto source = TRY(open_here(task_, share_.segments, std::move(own), scan::KeepOrder::kYes));
      inputs.push_back(query::make_parallel_scan(std::move(source), {}, task_.execution));
    }
    return merge_newest_first(std::move(inputs));
  }

  const ScanTask& task_;
  const Share share_;
  std::unique_ptr<ShareAnswer> answer_;  // Null: the node was lost.
  OperatorPtr replacement_;
  std::uint64_t given_ = 0;
};

// What is at hand of one input.
struct Head {
  explicit Head(EventBatch rows) : batch(std::move(rows)), order(batch) {}

  EventBatch batch;
  NewestFirst order;
};

class MergeNewestFirst final : public query::Operator {
 public:
  explicit MergeNewestFirst(std::vector<OperatorPtr> inputs)
      : inputs_(std::move(inputs)), heads_(inputs_.size()) {}

  Result<std::optional<EventBatch>> next() override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i] == nullptr || heads_[i] != nullptr) continue;
      std::optional<EventBatch> batch = TRY(inputs_[i]->next());
      if (batch)
        heads_[i] = std::make_unique<Head>(*std::move(batch));
      else
        inputs_[i].reset();
    }
    const Head* border = nullptr;
    for (const auto& head : heads_)
      if (head != nullptr && (border == nullptr || ends_before(*head, *border)))
        border = head.get();
    if (border == nullptr) return std::optional<EventBatch>();
    return std::optional(take_up_to(*border));
  }

 private:
  static std::uint32_t last(const Head& head) {
    return static_cast<std::uint32_t>(head.batch.rows()) - 1;
  }
  static bool ends_before(const Head& a, const Head& b) {
    return NewestFirst::compare(a.order, last(a), b.order, last(b)) < 0;
  }

  // Rows that nothing still to come can stand before: those up to the last of the batch that ends
  // first.
  EventBatch take_up_to(const Head& border) {
    std::vector<std::size_t> counts(heads_.size(), 0);
    for (std::size_t i = 0; i < heads_.size(); ++i)
      if (heads_[i] != nullptr) counts[i] = rows_up_to(*heads_[i], border);
    std::vector<EventBatch> parts;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      if (counts[i] == 0) continue;
      const EventBatch& batch = heads_[i]->batch;
      if (counts[i] == batch.rows()) {
        parts.push_back(batch);
        heads_[i].reset();
        continue;
      }
      parts.push_back(batch.slice(0, counts[i]));
      heads_[i] = std::make_unique<Head>(batch.slice(counts[i], batch.rows() - counts[i]));
    }
    if (parts.size() == 1) return std::move(parts.front());
    EventBatch all = event::concat(parts);
    std::vector<std::uint32_t> rows(all.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    std::sort(rows.begin(), rows.end(), NewestFirst(all));
    return all.take(rows);
  }

  static std::size_t rows_up_to(const Head& head, const Head& border) {
    std::size_t low = 0;
    std::size_t high = head.batch.rows();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      const bool before = NewestFirst::compare(head.order, static_cast<std::uint32_t>(middle),
                                               border.order, last(border)) <= 0;
      (before ? low : high) = before ? middle + 1 : middle;
    }
    return low;
  }

  std::vector<OperatorPtr> inputs_;  // Null: it has ended.
  std::vector<std::unique_ptr<Head>> heads_;
};

}  // namespace

Result<query::SourcePtr> open_here(const ScanTask& task,
                                   const std::vector<metadata::SegmentPtr>& segments,
                                   std::vector<storage::TailBatchPtr> tail,
                                   scan::KeepOrder keep_order) {
  Picture& picture = *task.picture;
  return scan::open_store_source(share_view(segments, std::move(tail), picture.local().border()),
                                 picture.segments(), task.indexes, task.request, task.execution,
                                 picture.counters(), keep_order);
}

query::OperatorPtr share_rows(const ScanTask& task, Share share) {
  return std::make_unique<ShareRows>(task, std::move(share));
}

query::OperatorPtr merge_newest_first(std::vector<query::OperatorPtr> inputs) {
  return std::make_unique<MergeNewestFirst>(std::move(inputs));
}

}  // namespace lynxdb::gather
