#include "query/sources/line_source.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "query/sources/byte_stream.h"
#include "query/sources/chunk_buffer.h"
#include "query/sources/file_source.h"
#include "query/sources/input_file.h"
#include "query/sources/stream_source.h"

namespace lynxdb::query {
namespace {

// Small enough that the text stays in a core's own cache while it is parsed, large enough that what
// each batch costs by itself does not show.
constexpr std::size_t kChunkBytes = 512U << 10U;
constexpr std::size_t kChunkBytesMin = 64U << 10U;
// First chunk of a query that wants few rows; each later one is twice as large.
constexpr std::size_t kFirstChunkBytes = 16U << 10U;
// Chunks a worker should get even of a small file, so that no worker is idle for long at its end.
constexpr std::size_t kChunksPerWorker = 4;
// Rows times columns of a batch. Events fill a chunk with fewer, unless most fields are in few
// events: then the chunk becomes several batches, because columns are dense.
constexpr std::size_t kCellsMax = 256U << 10U;
// Numbers of batches are left free for the parts of each chunk: it has fewer lines than that.
constexpr unsigned kPartBits = 20;
static_assert(kChunkBytes < (1U << kPartBits));

// What went less than well with lines, added up over all chunks.
struct Complaints {
  event::ParseCounts counts;
  std::string first_error;

  void add(const event::ParsedChunk& chunk) {
    counts += chunk.counts;
    if (first_error.empty() && !chunk.errors.empty()) {
      first_error = chunk.errors.front().code + ": " + chunk.errors.front().message;
    }
  }
  bool any() const {
    return (counts.truncated | counts.misfits | counts.fields_dropped | counts.names_refused |
            counts.labels_cut | counts.errors) != 0;
  }
};

std::string count_of(std::uint64_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

class LineSource : public Source {
 public:
  LineSource(LineInput input, const ScanRequest& request, Execution& execution);
  Result<> measure_inputs();

  Result<std::optional<event::EventBatch>> next() override;
  void stop() override { cancellation_.cancel(); }
  Progress progress() const override;

 private:
  // Lines for one worker: read already, or a range that the worker reads itself.
  struct Task {
    std::uint64_t sequence = 0;  // Of the batch that comes next from it.
    std::size_t path = 0;
    std::shared_ptr<InputFile> file{};
    FileRange range{};
    TextChunk chunk{};
    bool is_rest = false;  // Its lines are what an earlier batch left.
  };

  Result<std::optional<Task>> next_task() EXCLUDES(mutex_);
  std::optional<Task> take_rest() EXCLUDES(rests_mutex_);
  void keep_rest(Task task, std::string_view lines) EXCLUDES(rests_mutex_);
  Result<> open_next_input() REQUIRES(mutex_);
  std::optional<Task> cut_range() REQUIRES(mutex_);
  Result<std::optional<Task>> read_stream() REQUIRES(mutex_);
  std::size_t next_chunk_bytes() REQUIRES(mutex_);

  Result<event::EventBatch> parse(Task task);
  std::unique_ptr<event::EventParser> take_parser(std::size_t path) EXCLUDES(parsers_mutex_);
  void give_back(std::size_t path, std::unique_ptr<event::EventParser> parser)
      EXCLUDES(parsers_mutex_);
  std::size_t parser_key(std::size_t path) const { return wants_source_ ? path : 0; }

  void complain(const event::ParsedChunk& chunk) EXCLUDES(complaints_mutex_);
  // The last one out, when the input has ended and every task is done, tells about the lines.
  void release_token();
  void add_hints() EXCLUDES(complaints_mutex_);

  const std::vector<std::string> paths_;
  event::ParserOptions parser_options_;
  Execution& execution_;
  Cancellation cancellation_;  // The query's, and stop(): ends a read that waits for input.
  const bool wants_source_;
  std::uint64_t bytes_total_ = 0;
  std::size_t chunk_bytes_max_ = kChunkBytes;
  ChunkBufferPool pool_;

  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::size_t> tokens_{1};  // Tasks being parsed, and one until the input has ended.

  // Held while a stream is read: nobody else could read it meanwhile. Nothing that a worker needs
  // to deliver what it has may wait for it.
  base::Mutex mutex_;
  std::uint64_t sequence_ GUARDED_BY(mutex_) = 0;
  std::size_t next_path_ GUARDED_BY(mutex_) = 0;
  std::size_t chunk_bytes_ GUARDED_BY(mutex_);
  std::shared_ptr<InputFile> file_ GUARDED_BY(mutex_);  // The plain file being cut, else null.
  std::uint64_t offset_ GUARDED_BY(mutex_) = 0;         // Where its next range begins.
  std::unique_ptr<LineStream> stream_ GUARDED_BY(mutex_);
  std::uint64_t stream_bytes_ GUARDED_BY(mutex_) = 0;  // Of it, counted in bytes_ already.
  bool ended_ GUARDED_BY(mutex_) = false;

  // What batches that ended early left, by sequence: the first of them must be next, for others may
  // wait for it. Not under mutex_, which is held while a stream is read.
  base::Mutex rests_mutex_;
  std::map<std::uint64_t, Task> rests_ GUARDED_BY(rests_mutex_);
  std::atomic<bool> wide_{false};  // There was one: smaller chunks from now on.

  struct IdleParser {
    std::size_t key = 0;
    std::unique_ptr<event::EventParser> parser;
  };
  base::Mutex parsers_mutex_;
  std::vector<IdleParser> parsers_ GUARDED_BY(parsers_mutex_);

  base::Mutex complaints_mutex_;
  Complaints complaints_ GUARDED_BY(complaints_mutex_);
};

event::Projection projection_of(const ScanRequest& request) {
  return {.all = request.all_fields,
          .fields = request.all_fields ? std::vector<std::string>{} : request.fields};
}

LineSource::LineSource(LineInput input, const ScanRequest& request, Execution& execution)
    : paths_(std::move(input.paths)),
      parser_options_(std::move(input.parser)),
      execution_(execution),
      cancellation_(&execution.cancellation),
      wants_source_(projection_of(request).wants(event::kSource)),
      pool_(kChunkBytes + (8U << 10U), 2 * execution.threads + 2),
      chunk_bytes_(request.rows_wanted > 0 ? kFirstChunkBytes : kChunkBytes) {
  parser_options_.projection = projection_of(request);
  parser_options_.raw_contains = request.raw_contains;
  parser_options_.cells_max = kCellsMax;
}

// Total size where all inputs have one; small inputs are cut finer so that every worker gets a
// part.
Result<> LineSource::measure_inputs() {
  bool known = true;
  for (const std::string& path : paths_) {
    TRY(InputFile::probe(path));
    const std::optional<std::uint64_t> size = InputFile::size_of(path);
    known = known && size.has_value();
    bytes_total_ += size.value_or(0);
  }
  if (!known) bytes_total_ = 0;
  if (bytes_total_ > 0) {
    const std::size_t workers = std::max<std::size_t>(execution_.threads, 1);
    chunk_bytes_max_ = std::clamp<std::size_t>(bytes_total_ / (workers * kChunksPerWorker),
                                               kChunkBytesMin, kChunkBytes);
  }
  return {};
}

std::size_t LineSource::next_chunk_bytes() {
  const std::size_t bytes = wide_ ? kChunkBytesMin : std::min(chunk_bytes_, chunk_bytes_max_);
  chunk_bytes_ = std::min(chunk_bytes_ * 2, kChunkBytes);
  return bytes;
}

// --- Which lines next: under the mutex
// ------------------------------------------------------------

Result<> LineSource::open_next_input() {
  std::shared_ptr<InputFile> file = TRY(InputFile::open(paths_[next_path_++]));
  std::array<char, 4> start{};
  if (file->seekable()) {
    const std::size_t n = TRY(file->read_at(0, start));
    if (guess_compression(std::span(start).first(n)).compression == Compression::kNone) {
      file_ = std::move(file);
      offset_ = 0;
      return {};
    }
  }
  std::unique_ptr<ByteStream> bytes = TRY(open_stream(std::move(file), cancellation_));
  stream_ = std::make_unique<LineStream>(std::move(bytes), parser_options_.line_bytes_max, pool_);
  stream_bytes_ = 0;
  return {};
}

std::optional<LineSource::Task> LineSource::cut_range() {
  const std::uint64_t end =
      std::min<std::uint64_t>(offset_ + next_chunk_bytes(), file_->size_bytes());
  Task task{.file = file_, .range = {.begin = offset_, .end = end}};
  offset_ = end;
  if (end == file_->size_bytes()) file_ = nullptr;
  return task;
}

Result<std::optional<LineSource::Task>> LineSource::read_stream() {
  std::optional<TextChunk> chunk = TRY(stream_->next(next_chunk_bytes()));
  bytes_ += stream_->input_bytes() - stream_bytes_;
  stream_bytes_ = stream_->input_bytes();
  if (!chunk) {
    stream_ = nullptr;
    return std::optional<Task>();
  }
  return std::optional<Task>(Task{.chunk = std::move(*chunk)});
}

std::optional<LineSource::Task> LineSource::take_rest() {
  const base::MutexLock lock(rests_mutex_);
  if (rests_.empty()) return std::nullopt;
  std::optional<Task> task(std::move(rests_.begin()->second));
  rests_.erase(rests_.begin());
  return task;
}

void LineSource::keep_rest(Task task, std::string_view lines) {
  wide_ = true;
  task.chunk.lines = lines;
  task.is_rest = true;
  ++task.sequence;
  ++tokens_;
  const base::MutexLock lock(rests_mutex_);
  rests_.emplace(task.sequence, std::move(task));
}

Result<std::optional<LineSource::Task>> LineSource::next_task() {
  if (std::optional<Task> rest = take_rest()) {
    TRY(cancellation_.check());
    return rest;
  }
  base::MutexLock lock(mutex_);
  while (!ended_) {
    TRY(cancellation_.check());
    if (file_ == nullptr && stream_ == nullptr) {
      if (next_path_ == paths_.size()) {
        ended_ = true;
        release_token();
        break;
      }
      TRY(open_next_input());
    }
    std::optional<Task> task = file_ != nullptr ? cut_range() : TRY(read_stream());
    if (!task) continue;
    task->path = next_path_ - 1;
    task->sequence = sequence_++ << kPartBits;
    ++tokens_;
    return task;
  }
  return std::optional<Task>();
}

// --- Parsing: each worker for itself
// ----------------------------------------------------------------

std::unique_ptr<event::EventParser> LineSource::take_parser(std::size_t path) {
  {
    base::MutexLock lock(parsers_mutex_);
    // Those of earlier inputs will not be needed again (but by a task that is late).
    std::erase_if(parsers_, [&](const IdleParser& idle) { return idle.key < parser_key(path); });
    for (IdleParser& idle : parsers_) {
      if (idle.key != parser_key(path)) continue;
      std::swap(idle, parsers_.back());
      std::unique_ptr<event::EventParser> parser = std::move(parsers_.back().parser);
      parsers_.pop_back();
      return parser;
    }
  }
  event::ParserOptions options = parser_options_;
  options.default_source = paths_[path] == "-" ? "stdin" : paths_[path];
  return std::make_unique<event::EventParser>(std::move(options));
}

void LineSource::give_back(std::size_t path, std::unique_ptr<event::EventParser> parser) {
  base::MutexLock lock(parsers_mutex_);
  parsers_.push_back({.key = parser_key(path), .parser = std::move(parser)});
}

Result<event::EventBatch> LineSource::parse(Task task) {
  if (task.file != nullptr && !task.is_rest) {
    task.chunk = TRY(read_lines(*task.file, task.range, parser_options_.line_bytes_max, pool_));
    bytes_ += task.range.end - task.range.begin;
  }
  event::EventBatch batch;
  std::uint64_t next_sequence = ((task.sequence >> kPartBits) + 1) << kPartBits;
  std::string_view rest;
  if (!task.chunk.lines.empty()) {
    std::unique_ptr<event::EventParser> parser = take_parser(task.path);
    event::ParsedChunk parsed = parser->parse(task.chunk.lines, task.chunk.owner);
    give_back(task.path, std::move(parser));
    events_ += parsed.counts.events;
    complain(parsed);
    batch = std::move(parsed.batch);
    rest = parsed.rest;
  }
  if (task.file != nullptr && task.file->shrunk()) {
    return Error{ErrorCode::kIo, task.file->name() + " became shorter while it was read",
                 "run the query again"};
  }
  if (!rest.empty()) next_sequence = task.sequence + 1;
  batch.set_sequence(task.sequence, next_sequence);
  if (!rest.empty()) keep_rest(std::move(task), rest);
  return batch;
}

Result<std::optional<event::EventBatch>> LineSource::next() {
  std::optional<Task> task = TRY(next_task());
  if (!task) return std::optional<event::EventBatch>();
  event::EventBatch batch = TRY(parse(std::move(*task)));
  release_token();
  return batch;
}

Source::Progress LineSource::progress() const {
  return {.events = events_.load(std::memory_order_relaxed),
          .bytes = bytes_.load(std::memory_order_relaxed),
          .bytes_total = bytes_total_};
}

// --- What to tell the user about lines
// ---------------------------------------------------------------

void LineSource::complain(const event::ParsedChunk& chunk) {
  Complaints complaints;
  complaints.add(chunk);
  if (!complaints.any()) return;
  base::MutexLock lock(complaints_mutex_);
  complaints_.add(chunk);
}

void LineSource::release_token() {
  if (--tokens_ == 0) add_hints();
}

void LineSource::add_hints() {
  base::MutexLock lock(complaints_mutex_);
  const event::ParseCounts& counts = complaints_.counts;
  if (counts.errors > 0) {
    execution_.hints.add(count_of(counts.errors, "line") +
                         " could not be read; the first: " + complaints_.first_error);
  }
  if (counts.truncated > 0) {
    execution_.hints.add(count_of(counts.truncated, "line") + " longer than " +
                         std::to_string(parser_options_.line_bytes_max) +
                         " bytes cut there (_truncated=true)");
  }
  if (counts.misfits > 0) {
    execution_.hints.add(count_of(counts.misfits, "line") +
                         " not in the format asked for, kept as text");
  }
  if (counts.labels_cut > 0) {
    execution_.hints.add(count_of(counts.labels_cut, "label") +
                         " (source, sourcetype, index or host) longer than 256 bytes cut there");
  }
  if (counts.fields_dropped > 0) {
    execution_.hints.add(count_of(counts.fields_dropped, "event") + " with more than " +
                         std::to_string(parser_options_.fields_max) +
                         " fields; the rest is only in _raw");
  }
  if (counts.names_refused > 0) {
    execution_.hints.add(count_of(counts.names_refused, "event") +
                         " with field names longer than 256 bytes, or too many different ones;"
                         " those fields are only in _raw");
  }
}

}  // namespace

Result<SourcePtr> open_lines(LineInput input, const ScanRequest& request, Execution& execution) {
  auto source = std::make_shared<LineSource>(std::move(input), request, execution);
  TRY(source->measure_inputs());
  return SourcePtr(std::move(source));
}

}  // namespace lynxdb::query
