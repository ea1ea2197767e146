#include "output/output_buffer.h"

#include <algorithm>

namespace lynxdb::output {

void OutputBuffer::grow(std::size_t bytes_min) {
  const std::size_t capacity = std::max(bytes_min, capacity_ * 2);
  std::unique_ptr<char[]> data(new char[capacity]);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

Result<> OutputBuffer::flush() {
  if (size_ == 0) return {};
  const std::string_view bytes(data_.get(), size_);
  size_ = 0;
  return sink_.write(bytes);
}

}  // namespace lynxdb::output
