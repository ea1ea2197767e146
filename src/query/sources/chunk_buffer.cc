#include "query/sources/chunk_buffer.h"

#include <cstring>
#include <utility>

#include "event/parse/event_parser.h"

namespace lynxdb::query {
namespace {

constexpr std::size_t kPadding = event::EventParser::kPaddingBytes;

std::unique_ptr<char[]> padded_bytes(std::size_t capacity) {
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
  std::memset(bytes.get() + capacity, 0, kPadding);
  return bytes;
}

}  // namespace

ChunkBuffer::ChunkBuffer(std::size_t capacity)
    : bytes_(padded_bytes(capacity)), capacity_(capacity) {}

void ChunkBuffer::grow(std::size_t capacity, std::size_t used) {
  if (capacity <= capacity_) return;
  std::unique_ptr<char[]> larger = padded_bytes(capacity);
  std::memcpy(larger.get(), bytes_.get(), used);
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

ChunkBufferPool::ChunkBufferPool(std::size_t bytes, std::size_t idle_max)
    : bytes_(bytes), idle_max_(idle_max) {}

ChunkBufferPtr ChunkBufferPool::take(std::size_t capacity) {
  if (capacity < bytes_) capacity = bytes_;
  std::unique_ptr<ChunkBuffer> buffer;
  {
    base::MutexLock lock(idle_->mutex);
    if (!idle_->buffers.empty()) {
      buffer = std::move(idle_->buffers.back());
      idle_->buffers.pop_back();
    }
  }
  if (buffer == nullptr) buffer = std::make_unique<ChunkBuffer>(capacity);
  buffer->grow(capacity, 0);

  const auto give_back = [idle = idle_, idle_max = idle_max_,
                          bytes_max = bytes_ * 2](ChunkBuffer* used) {
    std::unique_ptr<ChunkBuffer> returned(used);
    if (returned->capacity() > bytes_max) return;
    base::MutexLock lock(idle->mutex);
    if (idle->buffers.size() < idle_max) idle->buffers.push_back(std::move(returned));
  };
  return {buffer.release(), give_back};
}

}  // namespace lynxdb::query
