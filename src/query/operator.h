// The two shapes of query operators, and where rows come from.
//
// A pipeline is: Source -> Transforms (stateless, run in parallel on each batch) -> Operators
// (pulled by one thread, in order). Aggregating commands split into a partial part that runs beside
// the transforms and a merging Operator (aggregation.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::query {

// Rows out of a batch, with nothing remembered between batches. Thread-safe: `apply` is called by
// several workers at once. Must keep the batch's sequence (set_sequence) and should not reorder
// rows. May return an empty batch. May return more rows than it got (unroll).
class Transform {
 public:
  virtual ~Transform() = default;
  virtual Result<event::EventBatch> apply(event::EventBatch batch) const = 0;
  // What errors call it.
  virtual std::string_view command() const { return "expression"; }
};

// Pulled by one thread. Each call gives the next batch in output order (never an empty one), or
// nullopt at the end; after the end or an error it is not called again. Destroying it early cancels
// what runs behind it.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual Result<std::optional<event::EventBatch>> next() = 0;
};

using OperatorPtr = std::unique_ptr<Operator>;
using TransformPtr = std::shared_ptr<const Transform>;

class RemoteGroups;  // query/shard.h

// Where events come from: files, stdin, memtable, segments, other nodes. Operators cannot tell.
//
// Thread-safe: several workers call `next` at once, each for a batch of its own. Batches carry
// sequence numbers in source order: 0 first, after each its next_sequence(); workers may get them
// in any order, but a batch that is to come is one that a worker gets as soon as it asks, if all
// before it were handed out. nullopt = the end (for every worker).
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<std::optional<event::EventBatch>> next() = 0;
  // Nobody wants more: blocked and later calls of `next` return nullopt soon. Idempotent.
  virtual void stop() {}

  struct Progress {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_total = 0;  // 0 = unknown (stdin).
  };
  virtual Progress progress() const = 0;

  // Who was told ScanRequest::shard_text may have others make groups of some rows, which then do
  // not come from next(). Null: all rows do. Lives as long as the source.
  virtual RemoteGroups* remote_groups() { return nullptr; }
};

using SourcePtr = std::shared_ptr<Source>;

}  // namespace lynxdb::query
