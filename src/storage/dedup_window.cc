#include "storage/dedup_window.h"

#include <chrono>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::storage {
namespace {

// Seeds are part of the snapshot's format. Two hashes of one text with unrelated seeds are as good
// as one of twice the width.
constexpr std::uint64_t kBatchSeed = 0x1b873593cc9e2d51ULL;
constexpr std::uint64_t kEventSeed = 0x38495ab5a1e4d9c7ULL;
constexpr std::uint64_t kSecondHalf = 0x9e3779b97f4a7c15ULL;

DedupKey key_of(std::string_view id, std::uint64_t seed) {
  return {base::xxh3(id, seed), base::xxh3(id, base::mix64(seed ^ kSecondHalf))};
}

}  // namespace

DedupKey batch_key(std::string_view batch_id, std::uint32_t part) {
  return key_of(batch_id, kBatchSeed + part);
}

DedupKey event_key(std::string_view event_id) { return key_of(event_id, kEventSeed); }

const DedupEntry* DedupWindow::find(const DedupKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

void DedupWindow::insert(const DedupKey& key, const DedupEntry& entry) {
  if (!entries_.try_emplace(key, entry).second) return;
  order_.push_back(key);
  if (order_.size() > options_.batches_max) forget_oldest();
}

void DedupWindow::expire(std::int64_t now_ns) {
  const std::int64_t window_ns = std::chrono::nanoseconds(options_.window).count();
  while (!order_.empty()) {
    // A wall clock that was set back makes entries stay longer, never shorter.
    const std::int64_t appended_ns = entries_.at(order_.front()).appended_ns;
    if (appended_ns >= now_ns - window_ns) break;
    forget_oldest();
  }
}

void DedupWindow::forget_oldest() {
  entries_.erase(order_.front());
  order_.pop_front();
}

void DedupWindow::encode(std::string& out) const {
  for (const DedupKey& key : order_) {
    const DedupEntry& entry = entries_.at(key);
    base::put_fixed(key.high, out);
    base::put_fixed(key.low, out);
    base::put_fixed(entry.base_offset, out);
    base::put_fixed(entry.count, out);
    base::put_fixed(entry.content_crc, out);
    base::put_fixed(entry.appended_ns, out);
  }
}

Result<> DedupWindow::decode(std::string_view bytes) {
  base::ByteReader in(bytes);
  while (in.remaining() > 0) {
    DedupKey key;
    key.high = in.fixed<std::uint64_t>();
    key.low = in.fixed<std::uint64_t>();
    DedupEntry entry;
    entry.base_offset = in.fixed<std::uint64_t>();
    entry.count = in.fixed<std::uint32_t>();
    entry.content_crc = in.fixed<std::uint32_t>();
    entry.appended_ns = in.fixed<std::int64_t>();
    if (in.failed()) return Error{ErrorCode::kCorruption, "dedup entries end early"};
    insert(key, entry);
  }
  return {};
}

}  // namespace lynxdb::storage
