// Which batches (and single events that clients gave ids) were taken lately, so that a retry is
// answered instead of stored again.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "metadata/ids.h"
#include "storage/options.h"

namespace lynxdb::storage {

// 128 bits of XXH3 of an id: what is compared and kept instead of the id.
struct DedupKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const DedupKey&, const DedupKey&) = default;
};

struct DedupKeyHash {
  std::size_t operator()(const DedupKey& key) const noexcept { return key.low; }
};

// One part of a batch. An event's key is never equal to a batch's.
DedupKey batch_key(std::string_view batch_id, std::uint32_t part);
DedupKey event_key(std::string_view event_id);

// What was answered then.
struct DedupEntry {
  metadata::Offset base_offset = 0;
  std::uint32_t count = 0;  // Of an event's key: 1.
  std::uint32_t content_crc = 0;
  std::int64_t appended_ns = 0;

  friend bool operator==(const DedupEntry&, const DedupEntry&) = default;
};

// The newest entries of one partition: no more than `batches_max`, none older than `window`. Holds
// about 100 bytes for each. Not thread-safe.
class DedupWindow {
 public:
  explicit DedupWindow(DedupOptions options) : options_(options) {}

  const DedupEntry* find(const DedupKey& key) const;
  // A key that is there already keeps its entry: the first answer stands.
  void insert(const DedupKey& key, const DedupEntry& entry);
  // Forgets what is older than the window.
  void expire(std::int64_t now_ns);
  // Forgets what came in at `end` or above: the log was cut there. Entries are in the log's order.
  void truncate(metadata::Offset end);
  std::size_t size() const { return entries_.size(); }

  // Oldest first: keys, then entries come back in this order.
  void encode(std::string& out) const { encode_below(kAll, out); }
  // What came in below `end`: the newest of it, as far as they take no more than `bytes_max`.
  void encode_below(metadata::Offset end, std::string& out,
                    std::size_t bytes_max = static_cast<std::size_t>(-1)) const;
  // Inserts what encode wrote, up to the end of `bytes`. Errors: kCorruption.
  Result<> decode(std::string_view bytes);

 private:
  static constexpr metadata::Offset kAll = static_cast<metadata::Offset>(-1);

  void forget_oldest();

  DedupOptions options_;
  std::unordered_map<DedupKey, DedupEntry, DedupKeyHash> entries_;
  std::deque<DedupKey> order_;  // Of insertion.
};

// Of one partition. Two windows: clients that give each event an id must not push out the batches
// of others.
struct DedupWindows {
  explicit DedupWindows(DedupOptions options) : batches(options), events(options) {}

  void expire(std::int64_t now_ns) {
    batches.expire(now_ns);
    events.expire(now_ns);
  }
  void truncate(metadata::Offset end) {
    batches.truncate(end);
    events.truncate(end);
  }

  DedupWindow batches;
  DedupWindow events;
};

// What came in below `end`, for a copy that begins there: `batches:string events:string` of
// DedupWindow::encode. Fits a record of the log: of more than two million ids the newest.
std::string encode_below(const DedupWindows& windows, metadata::Offset end);
// Inserts them; nothing for "". Errors: kCorruption.
Result<> decode(std::string_view bytes, DedupWindows& windows);

}  // namespace lynxdb::storage
