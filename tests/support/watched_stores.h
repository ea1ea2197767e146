// An object store and a metadata store that let a test look whenever something changes.
#pragma once

#include <functional>
#include <utility>

#include "io/testing.h"
#include "metadata/metadata_store.h"

namespace lynxdb::tests {

using Look = std::function<void()>;

// Looks before and after everything that changes an object store.
class WatchedObjects final : public io::testing::ForwardingObjectStore {
 public:
  WatchedObjects(io::ObjectStore& real, Look look)
      : ForwardingObjectStore(real), look_(std::move(look)) {}

 private:
  Result<> changing(const std::function<Result<>()>& change) override {
    look_();
    auto done = change();
    look_();
    return done;
  }

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

}  // namespace lynxdb::tests
