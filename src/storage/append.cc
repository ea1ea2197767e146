// The way of an append through the store: check, admit, encode, log, answer.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "event/batch_codec.h"
#include "io/record_log_format.h"
#include "storage/append_check.h"
#include "storage/store_impl.h"

namespace lynxdb::storage {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};

Error stopping() { return Error{ErrorCode::kUnavailable, "the store is stopping"}; }

// Every row with its index: what is stored says where it belongs.
void set_default_index(event::EventBatch& batch) {
  const event::ColumnPtr* column = batch.find(event::kIndex);
  if (column == nullptr) {
    batch.set(event::kIndex, event::Column::constant(
                                 event::Value::string(std::string(kDefaultIndex)), batch.rows()));
    return;
  }
  if (!(*column)->has_nulls()) return;
  event::ColumnBuilder builder;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const event::ValueView value = (*column)->view(row);
    builder.append_string(value.is_null() ? kDefaultIndex : value.as_string());
  }
  batch.set(event::kIndex, builder.finish());
}

// The rows that are in no `duplicates` (ascending).
event::EventBatch without(const event::EventBatch& batch,
                          const std::vector<std::uint32_t>& duplicates) {
  std::vector<std::uint32_t> rows;
  auto duplicate = duplicates.begin();
  for (std::uint32_t row = 0; row < batch.rows(); ++row) {
    if (duplicate != duplicates.end() && *duplicate == row) {
      ++duplicate;
    } else {
      rows.push_back(row);
    }
  }
  event::EventBatch rest = batch.take(rows);
  // Few new events must not keep the text of all the others in memory.
  return 2 * rest.text_bytes() < batch.text_bytes() ? event::compact(rest) : rest;
}

}  // namespace

void StoreImpl::append(AppendRequest request, AppendCallback done) {
  auto checked = check_append(request);
  if (checked && !is_replicated() && !tail_.has(request.partition)) {
    checked = Error{ErrorCode::kInvalidArgument,
                    fmt::format("there is no partition {}", request.partition.value())};
  }
  if (!checked) return answer(done, std::move(checked).error());
  set_default_index(request.batch);
  take(std::make_shared<Incoming>(std::move(request), std::move(done)));
}

// Comes back here when a batch in flight, that it had to wait for, is decided.
void StoreImpl::take(const std::shared_ptr<Incoming>& incoming) {
  if (stopping_) return answer(incoming->done, stopping());
  if (auto healthy = health(); !healthy) return answer(incoming->done, std::move(healthy).error());
  // Where places cannot be given back, the log keeps trying to write those that were given.
  if (auto problem = log_problem(); problem && is_replicated())
    return answer(incoming->done, *std::move(problem));
  Admission admission =
      tail_.admit(incoming->request, overload(), [this, incoming] { take(incoming); });
  if (admission.waits) return;
  if (admission.answer) return answer(incoming->done, *std::move(admission.answer));
  begin(*incoming, std::move(admission.pending));
}

void StoreImpl::begin(Incoming& incoming, PendingAppend pending) {
  AppendRequest& request = incoming.request;
  if (!pending.duplicate_rows.empty()) {
    request.batch = without(request.batch, pending.duplicate_rows);
  }
  pending.content_crc = request.content_crc;
  pending.appended_ns = options_.clock->wall_ns();
  pending.done = std::move(incoming.done);
  encode_record(request, pending);
  pending.events = std::make_shared<const event::EventBatch>(std::move(request.batch));
  if (pending.payload_bytes > kAppendBytesMax ||
      pending.record->size() > io::kRecordPayloadBytesMax) {
    return call_off(pending, Error{ErrorCode::kInvalidArgument,
                                   fmt::format("an append has {} bytes, more than {}",
                                               pending.payload_bytes, kAppendBytesMax)});
  }
  place(std::move(pending));
}

// The whole record, so that it is copied no more: its place is put in when it is known.
void StoreImpl::encode_record(const AppendRequest& request, PendingAppend& pending) {
  WalBatch head;
  head.partition = request.partition;
  head.count = static_cast<std::uint32_t>(request.batch.rows());
  head.batch_id = request.batch_id;
  head.part = request.part;
  head.content_crc = pending.content_crc;
  head.appended_ns = pending.appended_ns;
  head.event_keys = pending.keys.events;
  pending.record = std::make_shared<std::string>();
  encode_head(head, *pending.record);
  const std::size_t head_bytes = pending.record->size();
  event::encode(request.batch, *pending.record);
  pending.payload_bytes = pending.record->size() - head_bytes;
}

void StoreImpl::place(PendingAppend pending) {
  bool is_stopping = false;
  Answers answers;
  const auto count = static_cast<std::uint32_t>(pending.events->rows());
  const auto enqueue = [&](const Place& place) {
    LogEntry entry = tail_.place(std::move(pending), place);
    if (is_replicated()) {
      entry.recent_number =
          recent_.add(entry.partition, {place.base, count, place.leader_epoch, entry.record});
    }
    is_stopping = !commits_->enqueue(entry);
    if (is_stopping) answers = tail_.take_back(entry);
  };
  auto placed = replicator_.place(pending.partition, pending.leader_epoch, count, enqueue);
  if (!placed) return call_off(pending, placed.error());
  if (is_stopping) run(refusals(std::move(answers), stopping()));
}

// Nothing of it was written.
void StoreImpl::call_off(const PendingAppend& append, const Error& error) {
  Answers answers = tail_.abandon(append);
  answer(append.done, error);
  for (const Then& then : answers.then) then();
}

std::optional<Error> StoreImpl::overload() const {
  const std::size_t waiting_bytes = std::max(commits_->queued_bytes(), tail_.waiting_bytes());
  if (waiting_bytes >= options_.wal.queue_bytes_max) {
    return Error{ErrorCode::kOverloaded, "too many events are waiting for the log", "retry later"};
  }
  if (auto full = staging_overload()) return full;
  if (tail_.size().bytes >= options_.flush.threshold_bytes) {
    return Error{ErrorCode::kOverloaded, "too many events are waiting to be flushed",
                 "retry later; if it stays, check the disk"};
  }
  return disk_.refusal(options_.clock->monotonic());
}

// One flush that waits for its upload is the normal course of things, however long the log is.
std::optional<Error> StoreImpl::staging_overload() const {
  const StagedSize staged = tail_.staged_size();
  if (staged.flushes < 2) return std::nullopt;
  const std::uint64_t bytes = staged.bytes + wal_->size_bytes();
  if (bytes < options_.flush.staging_bytes_max) return std::nullopt;
  const auto problem = uploader_.problem();
  return Error{ErrorCode::kOverloaded,
               fmt::format("{} segments wait for the object store; they and the log take {} bytes, "
                           "the limit (storage.staging_max_bytes) is {}{}",
                           staged.segments, bytes, options_.flush.staging_bytes_max,
                           problem ? "; the last upload failed: " + problem->message : ""),
               "retry later; if it stays, check the object store"};
}

// --- On the log's thread -------------------------------------------------------------------------

void StoreImpl::written(std::span<const LogEntry> entries) {
  last_append_ = now_ns();
  last_log_failure_ = kNever;
  const auto [ends, then] = tail_.written(entries);
  std::uint64_t recent = 0;
  for (const LogEntry& entry : entries) recent = std::max(recent, entry.recent_number);
  if (recent > 0) recent_.written(recent);
  replicator_.durable(ends);
  run(then);
  // After the answers: nobody waits for tidiness.
  for (const LogEnd& end : ends) tail_.merge_small_batches(end.partition);
}

bool StoreImpl::not_written(std::vector<LogEntry>& entries, const Error& error) {
  const Error unavailable = log_error(error);
  bool is_new = last_log_failure_ == kNever;
  {
    const base::MutexLock lock(mutex_);
    is_new |= !log_failure_ || log_failure_->message != unavailable.message;
    log_failure_ = unavailable;
  }
  // Tries follow each other quickly.
  if (is_new) options_.log(Severity::kError, unavailable.message);
  last_log_failure_ = now_ns();
  if (is_replicated()) {
    // Places cannot be given back: others may have these events.
    if (wal_->broken()) log_broken(error);
    return true;
  }
  Answers answers;
  local_->take_back([&] {
    commits_->drain_to(entries);
    answers = tail_.fail(entries);
  });
  run(refusals(std::move(answers), unavailable));
  return false;
}

void StoreImpl::log_broken(const Error& error) {
  if (log_has_failed_.exchange(true)) return;
  replicator_.log_failed(error);
  if (is_replicated()) run(refusals(tail_.end_all(), log_error(error)));
}

Error StoreImpl::log_error(const Error& error) {
  return {ErrorCode::kUnavailable, "log: " + error.message, "retry with the same batch id"};
}

// --- Answers -------------------------------------------------------------------------------------

void StoreImpl::run(const Work& work) {
  for (const auto& one : work) one();
}

Work StoreImpl::acknowledgements(Answers answers) {
  if (answers.appends.empty()) return std::move(answers.then);
  Work work;
  auto appends = std::make_shared<std::vector<WaitingAppend>>(std::move(answers.appends));
  work.emplace_back([this, appends] {
    for (WaitingAppend& append : *appends) acknowledge(append);
  });
  for (Then& then : answers.then) work.push_back(std::move(then));
  return work;
}

void StoreImpl::acknowledge(WaitingAppend& append) {
  ++counters_.batches;
  counters_.events += append.offsets.size();
  counters_.bytes += append.payload_bytes;
  Appended appended;
  appended.partition = append.partition;
  appended.offsets = append.offsets;
  appended.duplicate_rows = std::move(append.duplicate_rows);
  append.done(std::move(appended));
}

Work StoreImpl::refusals(Answers answers, const Error& error) {
  Work work;
  for (WaitingAppend& append : answers.appends) {
    work.emplace_back([this, error, done = std::move(append.done)] { answer(done, error); });
  }
  for (Then& then : answers.then) work.push_back(std::move(then));
  return work;
}

void StoreImpl::answer(const AppendCallback& done, Result<Appended> result) {
  if (result && result->duplicate) ++counters_.duplicates;
  // A batch that no room would help is not refused for want of it.
  const bool is_refusal = !result && (result.error().code == ErrorCode::kOverloaded ||
                                      result.error().code == ErrorCode::kUnavailable);
  if (is_refusal) ++counters_.refused;
  done(std::move(result));
}

std::chrono::seconds StoreImpl::retry_after() const { return kRetryAfter; }

}  // namespace lynxdb::storage
