// Small batches, and a store on a disk that breaks on command, for tests.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event/event_batch.h"
#include "io/fault_file.h"
#include "io/local_object_store.h"
#include "io/testing.h"
#include "metadata/local_metadata.h"
#include "segment/byte_source.h"
#include "segment/segment_reader.h"
#include "storage/store.h"

namespace lynxdb::storage::testing {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kNow = 1'700'000'000 * kSecond;  // 2023-11-14T22:13:20Z

// One event for each id: `_time` counts up by a second from `time_ns`, `_raw` and `id` are the id.
inline event::EventBatch events(const std::vector<std::string>& ids, std::int64_t time_ns = kNow,
                                const std::string& index = "main") {
  event::ColumnBuilder time;
  event::ColumnBuilder raw;
  event::ColumnBuilder id;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    time.append_timestamp(time_ns + static_cast<std::int64_t>(i) * kSecond);
    raw.append_string("event " + ids[i]);
    id.append_string(ids[i]);
  }
  event::EventBatch batch(ids.size());
  batch.set(event::kTime, time.finish());
  batch.set(event::kRaw, raw.finish());
  batch.set(event::kIndex, event::Column::constant(event::Value::string(index), ids.size()));
  batch.set("id", id.finish());
  return batch;
}

inline AppendRequest request(event::EventBatch batch, std::string batch_id = "",
                             std::uint32_t content_crc = 0) {
  AppendRequest request;
  request.batch = std::move(batch);
  request.batch_id = std::move(batch_id);
  request.content_crc = content_crc;
  return request;
}

inline void add_ids(const event::EventBatch& batch, std::vector<std::string>& ids) {
  const event::ColumnPtr* column = batch.find("id");
  if (column == nullptr) return;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    ids.emplace_back((*column)->view(row).as_string());
  }
}

// The ids of a segment's events, as they stand in it.
inline Result<std::vector<std::string>> ids_in(const segment::SegmentReader& reader) {
  std::vector<std::string> ids;
  const std::vector<std::string> fields = {"id"};
  for (std::size_t group = 0; group < reader.footer().row_groups.size(); ++group) {
    add_ids(TRY(reader.read(group, fields)), ids);
  }
  return ids;
}
inline Result<std::vector<std::string>> ids_in(io::ObjectStore& objects,
                                               const SegmentEntry& segment) {
  auto bytes = TRY(objects.get(segment.object_key, {0, segment.size_bytes}));
  const auto reader = TRY(
      segment::SegmentReader::open(std::make_shared<segment::MemoryByteSource>(std::move(bytes))));
  return ids_in(*reader);
}

// The ids of all events in a view, sorted: each committed event is there once.
inline Result<std::vector<std::string>> ids_in(io::ObjectStore& objects, const ReadView& view) {
  std::vector<std::string> ids;
  for (const auto& [id, segment] : view.state().segments) {
    for (std::string& found : TRY(ids_in(objects, *segment))) ids.push_back(std::move(found));
  }
  for (const StagedSegmentPtr& segment : view.staged()) {
    for (std::string& found : TRY(ids_in(*segment->reader()))) ids.push_back(std::move(found));
  }
  for (const TailBatchPtr& batch : view.tail()) add_ids(*batch->batch, ids);
  std::sort(ids.begin(), ids.end());
  return ids;
}

struct Outage {
  std::atomic<bool> is_down{false};
  std::function<void()> before_put;  // When not empty: called first, and may begin or end it.
};

// An object store that does not answer in an outage.
class OutageObjectStore final : public io::testing::ForwardingObjectStore {
 public:
  OutageObjectStore(std::unique_ptr<io::ObjectStore> real, const Outage& outage)
      : ForwardingObjectStore(*real), real_(std::move(real)), outage_(outage) {}

  Result<> put_file(std::string_view key, io::File& file) override {
    if (outage_.before_put) outage_.before_put();
    return ForwardingObjectStore::put_file(key, file);
  }

 private:
  Result<> changing(const std::function<Result<>()>& change) override {
    TRY(reading());
    return change();
  }
  Result<> reading() override {
    if (outage_.is_down) return Error{ErrorCode::kUnavailable, "503 SlowDown"};
    return {};
  }

  const std::unique_ptr<io::ObjectStore> real_;
  const Outage& outage_;
};

// The disk and what lives on it; `open` as a process would, `close` when it dies.
struct TestNode {
  io::FaultFileSystem disk;
  StoreOptions options;
  Outage outage;  // Of the object store.
  std::unique_ptr<io::ObjectStore> objects;
  std::unique_ptr<metadata::LocalMetadata> metadata;
  std::unique_ptr<Store> store;

  TestNode() {
    options.directory = "data";
    options.background = false;
    options.wal.sync_mode = SyncMode::kFsync;
    options.retention.all = std::chrono::seconds(0);
  }
  ~TestNode() { close(); }

  Result<> open() {
    objects = std::make_unique<OutageObjectStore>(
        TRY(io::LocalObjectStore::open(disk, "data/objects", *options.clock)), outage);
    metadata = TRY(metadata::LocalMetadata::open(disk, {"data/meta", 2000}));
    store = TRY(Store::open(options, disk, *objects, *metadata));
    return {};
  }
  void close() {
    store.reset();
    metadata.reset();
    objects.reset();
  }
  std::vector<std::string> ids() {
    auto found = ids_in(*objects, store->read_view());
    return found ? *std::move(found) : std::vector<std::string>{found.error().message};
  }
};

}  // namespace lynxdb::storage::testing
