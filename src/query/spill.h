// Temporary disk space for queries that outgrow their memory: append batches, read them back.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::query {

// Where spill files live and how much they may take together. Thread-safe. Files are unlinked as
// soon as they are made, so that a killed process leaves nothing.
class SpillSpace {
 public:
  // `directory` is created on first use (and nothing is when no query spills).
  SpillSpace(std::string directory, std::uint64_t bytes_max);
  ~SpillSpace();

  std::uint64_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t spilled_bytes() const {
    return total_bytes_.load(std::memory_order_relaxed);
  }  // Ever.

 private:
  friend class SpillFile;
  Result<> reserve(std::uint64_t bytes);  // kOutOfBudget names the limit.
  void release(std::uint64_t bytes);

  const std::string directory_;
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> used_bytes_{0};
  std::atomic<std::uint64_t> total_bytes_{0};
};

// One temporary file of checksummed blocks: written once, then read from the start (any number of
// times). Belongs to one thread. Its space is given back on destruction.
class SpillFile {
 public:
  static Result<std::unique_ptr<SpillFile>> create(SpillSpace& space);
  ~SpillFile();

  Result<> append(const event::EventBatch& batch);  // Keeps sequence, named and ordered flags.
  Result<> append_bytes(std::string_view block);
  Result<> finish();  // Ends writing; reading starts.
  Result<std::optional<event::EventBatch>> next();
  Result<std::optional<std::string>> next_bytes();  // kCorruption when a block is damaged.
  Result<> rewind();
  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  struct Impl;
  explicit SpillFile(SpillSpace& space);
  std::unique_ptr<Impl> impl_;
  SpillSpace& space_;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace lynxdb::query
