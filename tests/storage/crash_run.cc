#include "tests/storage/crash_run.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "io/local_object_store.h"
#include "storage/testing.h"

namespace lynxdb::tests {
namespace {

using storage::testing::events;
using storage::testing::kNow;
using storage::testing::kSecond;

constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr int kLives = 6;
constexpr int kStepsPerLife = 40;

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < ids.size() && i < 10; ++i) text += " " + ids[i];
  return text;
}

// What `a` has and `b` lacks, and how often.
std::vector<std::string> missing(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b) {
  std::vector<std::string> result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

}  // namespace

CrashRun::CrashRun(std::uint64_t seed) : seed_(seed), random_(seed), clock_(kNow) {
  options_.directory = "data";
  options_.background = false;
  options_.clock = &clock_;
  options_.dedup.window = std::chrono::hours(24 * 365);  // Retries come as late as they like.
  options_.partition_count = static_cast<std::uint32_t>(1 + random(3));
  keeps_unsynced_ = random(3) == 0;
  options_.wal.sync_mode = keeps_unsynced_ ? storage::SyncMode::kNone : storage::SyncMode::kFsync;
  options_.wal.file_bytes_max = 200 << random(8);
  options_.flush.row_group_rows = 16;
  options_.compaction.l0_threshold = 2 + random(3);
  options_.compaction.l1_threshold = 2 + random(3);
  options_.compaction.l2_target_bytes = random(2) == 0 ? 20'000 : 1 << 30;
  options_.orphan_age = std::chrono::seconds(3600);
  has_retention_ = random(2) == 0;
  options_.retention.all = std::chrono::seconds(has_retention_ ? 3 * 86'400 : 0);
}

CrashRun::~CrashRun() {
  views_.clear();
  close();
}

void CrashRun::fail(const std::string& what) {
  if (failure_.empty()) failure_ = "seed " + std::to_string(seed_) + ": " + what;
}

std::string CrashRun::run() {
  for (int life = 0; life < kLives && failure_.empty(); ++life) {
    if (random(2) == 0) order_fault();
    if (open()) live();
    crash();
    if (!open()) {
      fail("does not open after a crash");
      break;
    }
    check_everything();
    close();
  }
  return failure_;
}

bool CrashRun::open() {
  disk_.set_wall_ns(clock_.wall_ns());
  auto local = io::LocalObjectStore::open(disk_, "data/objects", clock_);
  auto metadata =
      metadata::LocalMetadata::open(disk_, {"data/meta", std::uint64_t{500} << random(4)});
  if (!local || !metadata) return false;
  local_objects_ = *std::move(local);
  objects_ = std::make_unique<FlakyObjectStore>(*local_objects_, random_());
  metadata_ = *std::move(metadata);
  auto store = storage::Store::open(options_, disk_, *objects_, *metadata_);
  if (!store) {
    if (store.error().code == ErrorCode::kCorruption) fail(store.error().message);
    return false;
  }
  store_ = *std::move(store);
  return true;
}

void CrashRun::close() {
  store_.reset();
  metadata_.reset();
  objects_.reset();
  local_objects_.reset();
}

void CrashRun::crash() {
  // Sometimes the dying process still tidies up, sometimes the disk is gone before.
  const bool before = random(2) == 0;
  if (before) close();
  if (keeps_unsynced_) {
    disk_.kill_process();
  } else if (random(2) == 0) {
    disk_.crash();
  } else {
    disk_.crash_torn(random_());
  }
  views_.clear();
  close();
}

void CrashRun::order_fault() {
  switch (random(4)) {
    case 0:
      disk_.fail_sync(random(100));
      break;
    case 1:
      disk_.fail_append(random(100), random(200));
      break;
    case 2:
      disk_.set_free_bytes(random(50'000));
      break;
    default:
      disk_.stop_after(random(400));
  }
}

void CrashRun::live() {
  if (random(3) == 0) objects_->fail_one_in(1 + static_cast<unsigned>(random(5)));
  for (int i = 0; i < kStepsPerLife && failure_.empty(); ++i) step();
}

void CrashRun::step() {
  switch (random(16)) {
    case 0:
    case 1:
      // It may fail: then nothing has changed.
      (void)store_->flush_now().has_value();
      break;
    case 2:
      (void)store_->maintain_now().has_value();
      break;
    case 3:
      clock_.advance(std::chrono::minutes(random(600)));
      disk_.set_wall_ns(clock_.wall_ns());
      break;
    case 4:
      remember_view();
      break;
    case 5:
    case 6:
      check_old_view();
      break;
    case 7:
    case 8:
      if (!batches_.empty()) retry(static_cast<std::size_t>(random(batches_.size())));
      break;
    default:
      append_new();
  }
}

// --- Appending -----------------------------------------------------------------------------------

void CrashRun::append_new() {
  Batch batch;
  batch.batch_id = "batch " + std::to_string(batches_.size());
  batch.partition =
      storage::PartitionId(static_cast<std::uint32_t>(random(options_.partition_count)));
  batch.index = random(3) == 0 ? "audit" : "main";
  batch.time_ns = clock_.wall_ns() - static_cast<std::int64_t>(random(3)) * kDay;
  const std::uint64_t count = 1 + random(random(5) == 0 ? 40 : 4);
  for (std::uint64_t i = 0; i < count; ++i) {
    batch.ids.push_back(std::to_string(1'000'000 + next_id_++));
  }
  batches_.push_back(std::move(batch));
  send(batches_.back());
}

void CrashRun::retry(std::size_t batch) { send(batches_[batch]); }

void CrashRun::send(Batch& batch) {
  storage::AppendRequest request;
  request.partition = batch.partition;
  request.batch = events(batch.ids, batch.time_ns, batch.index);
  request.batch_id = batch.batch_id;
  request.content_crc = 5;
  const auto appended = store_->append_and_wait(std::move(request));
  if (!appended) {
    if (appended.error().code == ErrorCode::kConflict) fail(appended.error().message);
    return;
  }
  if (batch.offsets && (!appended->duplicate || *batch.offsets != appended->offsets)) {
    fail("a retry of " + batch.batch_id + " got another answer");
  }
  if (appended->offsets.size() != batch.ids.size()) fail("an answer has another number of events");
  batch.offsets = appended->offsets;
}

// --- Looking -------------------------------------------------------------------------------------

std::vector<std::string> CrashRun::read(const storage::ReadView& view) {
  auto ids = storage::testing::ids_in(*objects_, view);
  if (!ids) {
    fail("cannot read: " + ids.error().message);
    return {};
  }
  return *std::move(ids);
}

void CrashRun::remember_view() {
  storage::ReadView view = store_->read_view();
  std::vector<std::string> ids = read(view);
  views_.push_back({std::move(view), std::move(ids)});
}

void CrashRun::check_old_view() {
  if (views_.empty()) return;
  const auto old = views_.begin() + static_cast<std::ptrdiff_t>(random(views_.size()));
  if (read(old->view) != old->ids) fail("a view changed while it was kept");
  if (random(2) == 0) views_.erase(old);
}

void CrashRun::check_manifest(const metadata::State& state) {
  if (const std::string fault = metadata::find_fault(state); !fault.empty()) fail(fault);
  for (const auto& [id, segment] : state.segments) {
    const auto info = objects_->head(segment->object_key);
    if (!info || info->size_bytes != segment->size_bytes) {
      fail("a segment of the manifest is not in the store: " + segment->object_key +
           (info ? ", it has another size" : ", " + info.error().message));
    }
  }
}

void CrashRun::check_everything() {
  const storage::ReadView view = store_->read_view();
  check_manifest(view.state());
  const std::vector<std::string> found = read(view);
  std::vector<std::string> acknowledged;
  std::vector<std::string> sent;
  for (const Batch& batch : batches_) {
    // Whole batches come and go here: their events are at most minutes apart.
    const bool expires = has_retention_ && batch.time_ns < clock_.wall_ns() - 3 * kDay;
    if (batch.offsets && !expires) {
      acknowledged.insert(acknowledged.end(), batch.ids.begin(), batch.ids.end());
    }
    sent.insert(sent.end(), batch.ids.begin(), batch.ids.end());
  }
  std::sort(acknowledged.begin(), acknowledged.end());
  std::sort(sent.begin(), sent.end());
  if (const auto lost = missing(acknowledged, found); !lost.empty()) {
    fail(std::to_string(lost.size()) + " acknowledged events are lost:" + joined(lost));
  }
  if (const auto extra = missing(found, sent); !extra.empty()) {
    fail(std::to_string(extra.size()) + " events are doubled or made up:" + joined(extra));
  }
  // The client asks again for what it does not know.
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const bool was_known = batches_[i].offsets.has_value();
    if (!was_known || random(4) == 0) retry(i);
    if (!batches_[i].offsets) fail("a retry without faults failed: " + batches_[i].batch_id);
  }
}

}  // namespace lynxdb::tests
