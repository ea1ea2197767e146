// Buffers that input is read into and that columns borrow strings from, used again and again so
// that their pages are faulted in once.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "event/column.h"

namespace lynxdb::query {

// Bytes to be filled by one thread, then only read. Always followed by readable padding
// (EventParser::kPaddingBytes) beyond `capacity`.
class ChunkBuffer {
 public:
  explicit ChunkBuffer(std::size_t capacity);

  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }
  // Makes room for `capacity` bytes and keeps the first `used`. Nothing may borrow from it yet.
  void grow(std::size_t capacity, std::size_t used);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
};

using ChunkBufferPtr = std::shared_ptr<ChunkBuffer>;

// Hands out buffers and takes them back when the last reference (a column's, a reader's) is gone.
// Thread-safe. Buffers may outlive the pool. Keeps at most `idle_max` unused buffers, none larger
// than twice `bytes`, so that one long line does not stay in memory.
class ChunkBufferPool {
 public:
  ChunkBufferPool(std::size_t bytes, std::size_t idle_max);

  // At least `capacity` bytes (0: the pool's usual size), contents unspecified.
  ChunkBufferPtr take(std::size_t capacity = 0);

 private:
  struct Idle {
    base::Mutex mutex;
    std::vector<std::unique_ptr<ChunkBuffer>> buffers GUARDED_BY(mutex);
  };

  const std::size_t bytes_;
  const std::size_t idle_max_;
  std::shared_ptr<Idle> idle_ = std::make_shared<Idle>();
};

// Whole lines and what keeps their bytes alive (a buffer or a mapped window). At least
// EventParser::kPaddingBytes may be read behind them.
struct TextChunk {
  event::Column::Owner owner;
  std::string_view lines;  // The last line of an input may lack its LF.
};

}  // namespace lynxdb::query
