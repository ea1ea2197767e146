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
  std::size_t size() const { return entries_.size(); }

  // Oldest first: keys, then entries come back in this order.
  void encode(std::string& out) const;
  // Inserts what encode wrote, up to the end of `bytes`. Errors: kCorruption.
  Result<> decode(std::string_view bytes);

 private:
  void forget_oldest();

  const DedupOptions options_;
  std::unordered_map<DedupKey, DedupEntry, DedupKeyHash> entries_;
  std::deque<DedupKey> order_;  // Of insertion.
};

}  // namespace lynxdb::storage
