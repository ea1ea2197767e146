// Collects output bytes and hands them to a sink in large pieces.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "output/byte_sink.h"

namespace lynxdb::output {

// Belongs to one thread. Holds at most kFlushBytes plus one row.
class OutputBuffer {
 public:
  explicit OutputBuffer(ByteSink& sink) : sink_(sink) { grow(kFlushBytes * 2); }

  // Room for `bytes` more; what is written there counts once advance_to() was called with its end.
  char* reserve(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]]
      grow(size_ + bytes);
    return data_.get() + size_;
  }
  void advance_to(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view bytes) {
    char* out = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void append(char c) {
    *reserve(1) = c;
    ++size_;
  }

  // To be called after each row.
  Result<> flush_if_full() { return size_ >= kFlushBytes ? flush() : Result<>{}; }
  // To be called when the next row may take long.
  Result<> flush();

  std::size_t size() const { return size_; }
  char* data() { return data_.get(); }

 private:
  // A pipe holds 64 KB; larger writes only save system calls.
  static constexpr std::size_t kFlushBytes = 128U << 10U;

  void grow(std::size_t bytes_min);

  ByteSink& sink_;
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lynxdb::output
