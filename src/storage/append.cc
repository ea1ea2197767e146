// The way of an append through the store: check, admit, encode, log, answer.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "event/batch_codec.h"
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
  if (checked && !tail_.has(request.partition)) {
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
  event::encode(request.batch, pending.payload);
  pending.batch = std::make_shared<const event::EventBatch>(std::move(request.batch));
  pending.batch_id = std::move(request.batch_id);
  pending.part = request.part;
  pending.content_crc = request.content_crc;
  pending.appended_ns = options_.clock->wall_ns();
  pending.done = std::move(incoming.done);
  if (const std::size_t bytes = pending.payload.size(); bytes > kAppendBytesMax) {
    return call_off(std::move(pending), Error{ErrorCode::kInvalidArgument,
                                              fmt::format("an append has {} bytes, more than {}",
                                                          bytes, kAppendBytesMax)});
  }
  if (!commits_->enqueue(pending)) call_off(std::move(pending), stopping());
}

// Nothing of it was written.
void StoreImpl::call_off(PendingAppend append, const Error& error) {
  const auto waiting = tail_.abandon(std::span(&append, 1));
  answer(append.done, error);
  for (const auto& then : waiting) then();
}

std::optional<Error> StoreImpl::overload() const {
  if (commits_->queued_bytes() >= options_.wal.queue_bytes_max) {
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

void StoreImpl::committed(std::span<PendingAppend> appends) {
  last_append_ = now_ns();
  last_log_failure_ = kNever;
  const auto waiting = tail_.commit(appends);
  for (PendingAppend& append : appends) {
    const std::uint64_t rows = append.batch->rows();
    ++counters_.batches;
    counters_.events += rows;
    counters_.bytes += append.payload.size();
    Appended appended;
    appended.partition = append.partition;
    appended.offsets = {append.base_offset, append.base_offset + rows};
    appended.duplicate_rows = std::move(append.duplicate_rows);
    append.done(std::move(appended));
  }
  for (const auto& then : waiting) then();
  // After the answers: nobody waits for tidiness.
  for (const PendingAppend& append : appends) tail_.merge_small_batches(append.partition);
}

void StoreImpl::failed(std::span<PendingAppend> appends, const Error& error) {
  options_.log(Severity::kError, "log: " + error.message);
  const auto waiting = tail_.abandon(appends);
  const Error unavailable{ErrorCode::kUnavailable, "log: " + error.message,
                          "retry with the same batch id"};
  {
    const base::MutexLock lock(mutex_);
    log_failure_ = unavailable;
  }
  last_log_failure_ = now_ns();
  for (const PendingAppend& append : appends) answer(append.done, unavailable);
  for (const auto& then : waiting) then();
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
