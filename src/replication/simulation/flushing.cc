// Moving the old part of the logs to the object store, and cutting it off.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/simulation/trace.h"

namespace lynxdb::replication::simulation {
namespace {

constexpr TimeMs kUploadWaitMs = 1'000;
constexpr int kUploadAttempts = 4;

metadata::SegmentEntry segment_entry(const std::string& key, const Object& object) {
  metadata::SegmentEntry segment;
  segment.object_key = key;
  segment.size_bytes = 1;
  segment.index = "main";
  for (const auto& [id, batches] : object) {
    const OffsetRange range{batches.front().base, batches.back().end()};
    segment.parts.push_back({id, range, range.size()});
    segment.rows += range.size();
  }
  return segment;
}

}  // namespace

// Some end of a batch in the range, above its beginning.
Offset World::batch_end_below(const ModelLog& log, OffsetRange range) {
  const std::vector<Batch> batches = log.read(range.begin, range.end, log.batches.size());
  if (batches.empty()) return range.begin;
  if (healing_ || random_.chance(50)) return batches.back().end();
  return batches[random_.below(batches.size())].end();
}

void World::flush(Node& node) {
  at_node(node, random_.between(1, 2 * profile_.flush_interval), [this, &node] { flush(node); });
  if (node.flushing) return;
  metadata::CommitFlush command;
  std::vector<std::pair<std::string, Object>> objects(1 + random_.below(2));
  for (auto& [key, object] : objects) key = "segment-" + std::to_string(next_object_++);
  for (const auto& [id, log] : node.logs) {
    const OffsetRange range = node.core->flushable(id);
    if (range.size() == 0) continue;
    const Offset end = batch_end_below(log, range);
    if (end == range.begin) continue;
    const ReplicaStatus status = *node.core->status(id);
    command.partitions.push_back({id, status.leader_epoch, range.begin, end});
    for (const Batch& batch : log.read(range.begin, end, log.batches.size()))
      objects[batch.base < (range.begin + end) / 2 ? 0 : objects.size() - 1].second[id].push_back(
          batch);
  }
  if (command.partitions.empty()) return;
  std::erase_if(objects, [](const auto& one) { return one.second.empty(); });
  for (const auto& [key, object] : objects) command.segments.push_back(segment_entry(key, object));
  node.flushing = true;
  upload(node, command, objects, kUploadAttempts);
}

// PUT, then look whether it is there: only that counts.
void World::upload(Node& node, const metadata::CommitFlush& command,
                   const std::vector<std::pair<std::string, Object>>& objects, int attempts) {
  if (attempts == 0) {
    node.flushing = false;
    return;
  }
  for (const auto& one : objects) {
    const bool trouble =
        !healing_ && (now_ < store_down_until_ || random_.chance(profile_.store_trouble_percent));
    if (trouble && random_.chance(50)) continue;  // Lost.
    // In time, or long after it was given up.
    const TimeMs takes = trouble ? random_.between(0, 10'000) : random_.between(1, 50);
    at(takes, [this, one] { store_[one.first] = one.second; });
  }
  at_node(node, healing_ ? 60 : random_.between(50, kUploadWaitMs),
          [this, &node, command, objects, attempts] {
            const bool complete = std::all_of(objects.begin(), objects.end(), [&](const auto& one) {
              return store_.contains(one.first);
            });
            if (!complete) return upload(node, command, objects, attempts - 1);
            submit(node, command, [this, &node](const Answer& answer) {
              node.flushing = false;
              if (answer.outcome == ProposalOutcome::kAccepted) ++counts_.flushes;
            });
          });
}

void World::check_flush(const metadata::CommitFlush& command) {
  std::vector<const Object*> objects;
  for (const metadata::SegmentEntry& segment : command.segments) {
    const auto object = store_.find(segment.object_key);
    if (object == store_.end()) return checker_.fail("I10: a segment is committed, not uploaded");
    objects.push_back(&object->second);
  }
  for (const metadata::CommitFlush::Advance& advance : command.partitions) {
    trace("partition {} is flushed from {} to {}", advance.partition.value(),
          advance.expected_offset, advance.flushed_offset);
    checker_.flushed(advance.partition, {advance.expected_offset, advance.flushed_offset}, objects);
  }
}

void World::trim(Node& node) {
  at_node(node, random_.between(50, 2'000), [this, &node] { trim(node); });
  for (auto& [id, log] : node.logs) {
    const Offset start = node.core->trimmable(id);
    if (start <= log.start || random_.chance(30)) continue;
    log.trim(start);
    node.disk[id].trim(start);
    node.core->trimmed(id, start);
    if (start > meta_->partitions.at(id).flushed_offset)
      checker_.fail(
          fmt::format("I8: node {} trims partition {} to {}", node.place + 1, id.value(), start));
  }
}

}  // namespace lynxdb::replication::simulation
