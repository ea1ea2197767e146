#include "storage/dedup_window.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::storage {
namespace {

// Seeds are part of the snapshot's format. Two hashes of one text with unrelated seeds are as good
// as one of twice the width.
constexpr std::uint64_t kBatchSeed = 0x1b873593cc9e2d51ULL;
constexpr std::uint64_t kEventSeed = 0x38495ab5a1e4d9c7ULL;
constexpr std::uint64_t kSecondHalf = 0x9e3779b97f4a7c15ULL;

constexpr std::size_t kEntryBytes = 40;
// Of each of two windows in one record, which has at most 80 MB.
constexpr std::size_t kWindowBytesMax = std::size_t{40'000'000};

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

void DedupWindow::truncate(metadata::Offset end) {
  while (!order_.empty() && entries_.at(order_.back()).base_offset >= end) {
    entries_.erase(order_.back());
    order_.pop_back();
  }
}

void DedupWindow::encode_below(metadata::Offset end, std::string& out,
                               std::size_t bytes_max) const {
  auto last = order_.end();
  while (last != order_.begin() && entries_.at(*std::prev(last)).base_offset >= end) --last;
  const auto count = static_cast<std::size_t>(last - order_.begin());
  const std::size_t kept = std::min(count, bytes_max / kEntryBytes);
  for (auto at = last - static_cast<std::ptrdiff_t>(kept); at != last; ++at) {
    const DedupKey& key = *at;
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

std::string encode_below(const DedupWindows& windows, metadata::Offset end) {
  std::string bytes;
  for (const DedupWindow* window : {&windows.batches, &windows.events}) {
    std::string encoded;
    window->encode_below(end, encoded, kWindowBytesMax);
    base::put_string(encoded, bytes);
  }
  return bytes;
}

Result<> decode(std::string_view bytes, DedupWindows& windows) {
  if (bytes.empty()) return {};
  base::ByteReader in(bytes);
  const std::string_view batches = in.string();
  const std::string_view events = in.string();
  if (in.failed() || in.remaining() != 0) {
    return Error{ErrorCode::kCorruption, "impossible batch ids"};
  }
  TRY(windows.batches.decode(batches));
  return windows.events.decode(events);
}

}  // namespace lynxdb::storage
