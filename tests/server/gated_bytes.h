// Segments for tests that stop readers in the middle.
#pragma once

#include <memory>
#include <utility>

#include "base/mutex.h"
#include "segment/byte_source.h"

namespace lynxdb::tests {

// Lets a number of readers through; the others wait until it is opened.
class Gate {
 public:
  void open() EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void close_after(std::size_t passes) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    is_open_ = false;
    passes_ = passes;
  }
  void pass() EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    ++waiting_;
    while (!is_open_ && passes_ == 0) changed_.wait(mutex_);
    if (!is_open_) --passes_;
    --waiting_;
    ++passed_;
  }
  std::size_t waiting() const EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return waiting_;
  }
  std::uint64_t passed() const EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return passed_;
  }

 private:
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool is_open_ GUARDED_BY(mutex_) = true;
  std::size_t passes_ GUARDED_BY(mutex_) = 0;
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
  std::uint64_t passed_ GUARDED_BY(mutex_) = 0;
};

// Bytes of a segment behind a gate.
class GatedBytes final : public segment::ByteSource {
 public:
  GatedBytes(std::shared_ptr<segment::ByteSource> real, Gate& gate)
      : real_(std::move(real)), gate_(gate) {}

  std::uint64_t size() const override { return real_->size(); }
  Result<segment::SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    gate_.pass();
    return real_->read(offset, size);
  }
  std::uint64_t gap_bytes() const override { return 0; }

 private:
  const std::shared_ptr<segment::ByteSource> real_;
  Gate& gate_;
};

}  // namespace lynxdb::tests
