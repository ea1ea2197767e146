// An object store and its segments for tests that stop what goes on in the middle.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "io/object_store.h"
#include "metadata/metadata_store.h"
#include "segment/byte_source.h"

namespace lynxdb::tests {

using Look = std::function<void()>;

// Looks before and after everything that changes an object store.
class WatchedObjects final : public io::ObjectStore {
 public:
  WatchedObjects(io::ObjectStore& real, Look look) : real_(real), look_(std::move(look)) {}

  Result<> put(std::string_view key, std::string_view bytes) override {
    return watched([&] { return real_.put(key, bytes); });
  }
  Result<> put_file(std::string_view key, io::File& file) override {
    return watched([&] { return real_.put_file(key, file); });
  }
  Result<> remove(std::span<const std::string> keys) override {
    return watched([&] { return real_.remove(keys); });
  }
  Result<std::string> get(std::string_view key, io::ByteRange range) override {
    return real_.get(key, range);
  }
  Result<io::ObjectInfo> head(std::string_view key) override { return real_.head(key); }
  Result<io::ObjectPage> list(std::string_view prefix, std::string_view after,
                              std::size_t limit) override {
    return real_.list(prefix, after, limit);
  }
  void cancel() override { real_.cancel(); }
  io::ObjectStoreStats stats() const override { return real_.stats(); }

 private:
  template <typename Call>
  Result<> watched(Call call) {
    look_();
    auto done = call();
    look_();
    return done;
  }

  io::ObjectStore& real_;
  const Look look_;
};

// Looks before and after every change of the agreed state.
class WatchedMetadata final : public metadata::MetadataStore {
 public:
  WatchedMetadata(metadata::MetadataStore& real, Look look) : real_(real), look_(std::move(look)) {}

  Result<metadata::StatePtr> propose(const metadata::Command& command) override {
    look_();
    auto state = real_.propose(command);
    look_();
    return state;
  }
  Result<> health() const override { return real_.health(); }
  metadata::StatePtr state() const override { return real_.state(); }
  metadata::StatePtr wait_beyond(metadata::Version version,
                                 std::chrono::milliseconds timeout) const override {
    return real_.wait_beyond(version, timeout);
  }

 private:
  metadata::MetadataStore& real_;
  const Look look_;
};

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
