#include "instance/store_sink.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "base/random_id.h"

namespace lynxdb::instance {
namespace {

using event::EventBatch;

// Rows of a request that go to one partition in one append.
struct Part {
  storage::PartitionId partition;
  std::vector<std::uint32_t> rows;  // Ascending.
};

// In memory a row takes more than it does encoded: half of the store's limit is safe.
constexpr std::size_t kPartBytesMax = storage::kAppendBytesMax / 2;

// Events go to the partition of their host. Those without one are spread by their request's id: the
// same again on a retry.
std::vector<Part> split(const EventBatch& batch, std::string_view batch_id,
                        const storage::Store& store) {
  const std::size_t row_bytes =
      std::max<std::size_t>(batch.memory_bytes() / std::max<std::size_t>(batch.rows(), 1), 1);
  const std::size_t rows_max =
      std::clamp<std::size_t>(kPartBytesMax / row_bytes, 1, storage::kAppendRowsMax);
  const event::ColumnPtr* hosts = batch.find(event::kHost);
  std::vector<Part> parts;
  std::map<storage::PartitionId, std::size_t> open;  // The part that a partition's rows go to.
  for (std::uint32_t row = 0; row < batch.rows(); ++row) {
    const event::ValueView host = hosts == nullptr ? event::ValueView() : (*hosts)->view(row);
    const std::string text =
        host.is_null() || host.type() == event::Type::kString ? std::string() : event::text(host);
    const std::string_view key = host.is_null()                        ? batch_id
                                 : host.type() == event::Type::kString ? host.as_string()
                                                                       : std::string_view(text);
    const storage::PartitionId partition = store.partition_of(key);
    const auto found = open.find(partition);
    if (found == open.end() || parts[found->second].rows.size() == rows_max) {
      open[partition] = parts.size();
      parts.push_back({.partition = partition, .rows = {}});
    }
    parts[open[partition]].rows.push_back(row);
  }
  return parts;
}

// Collects the outcomes of all parts, and answers once.
class Pending {
 public:
  Pending(std::vector<Part> parts, server::IngestDone done)
      : parts_(std::move(parts)), left_(parts_.size()), done_(std::move(done)) {}

  const std::vector<Part>& parts() const { return parts_; }

  void finished(std::size_t part, Result<storage::Appended> outcome) EXCLUDES(mutex_) {
    {
      base::MutexLock lock(mutex_);
      if (!outcome) {
        if (!error_) error_ = outcome.error();
      } else {
        all_retries_ = all_retries_ && outcome->duplicate;
        for (const std::uint32_t row : outcome->duplicate_rows)
          duplicate_rows_.push_back(parts_[part].rows[row]);
      }
      if (--left_ > 0) return;
    }
    answer();
  }

 private:
  // Nobody else is left to change anything.
  void answer() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (error_) return done_(*error_);
    std::sort(duplicate_rows_.begin(), duplicate_rows_.end());
    done_(server::Ingested{.is_retry = all_retries_, .duplicate_rows = std::move(duplicate_rows_)});
  }

  const std::vector<Part> parts_;
  base::Mutex mutex_;
  std::size_t left_ GUARDED_BY(mutex_);
  bool all_retries_ GUARDED_BY(mutex_) = true;
  std::vector<std::uint32_t> duplicate_rows_ GUARDED_BY(mutex_);
  std::optional<Error> error_ GUARDED_BY(mutex_);
  const server::IngestDone done_;
};

}  // namespace

void StoreSink::append(server::IngestBatch batch, server::IngestDone done) {
  if (batch.batch.rows() == 0) return done(server::Ingested{});
  if (Result<> admitted = indexes_.admit(batch.batch); !admitted.has_value())
    return done(std::move(admitted).error());
  if (makes_batch_ids_ && batch.batch_id.empty()) batch.batch_id = base::random_id();
  auto pending =
      std::make_shared<Pending>(split(batch.batch, batch.batch_id, store_), std::move(done));
  const std::size_t count = pending->parts().size();
  std::vector<storage::AppendRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const Part& part = pending->parts()[i];
    storage::AppendRequest& request = requests.emplace_back();
    request.partition = part.partition;
    request.batch = count == 1 ? batch.batch : batch.batch.take(part.rows);
    request.batch_id = batch.batch_id;
    request.part = static_cast<std::uint32_t>(i);
    request.content_crc = batch.content_crc;
    if (!batch.event_ids.empty())
      for (const std::uint32_t row : part.rows) request.event_ids.push_back(batch.event_ids[row]);
  }
  append_(std::move(requests), [pending](std::size_t part, Result<storage::Appended> outcome) {
    pending->finished(part, std::move(outcome));
  });
}

AppendParts append_to(storage::Store& store) {
  return [&store](std::vector<storage::AppendRequest> parts, const auto& done) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      store.append(std::move(parts[i]),
                   [done, i](Result<storage::Appended> outcome) { done(i, std::move(outcome)); });
    }
  };
}

}  // namespace lynxdb::instance
