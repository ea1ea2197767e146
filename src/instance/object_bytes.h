// Segments where an object store keeps them.
#pragma once

#include <memory>
#include <string>

#include "io/object_store.h"
#include "segment/byte_source.h"

namespace lynxdb::instance {

// Reads ranges of one object. The store outlives it. Thread-safe.
class ObjectBytes final : public segment::ByteSource {
 public:
  // A request to an S3 service takes about as long as this many bytes.
  static constexpr std::uint64_t kGapBytes = std::uint64_t{1} << 20U;

  ObjectBytes(io::ObjectStore& objects, std::string key, std::uint64_t size_bytes)
      : objects_(objects), key_(std::move(key)), size_bytes_(size_bytes) {}

  std::uint64_t size() const override { return size_bytes_; }
  Result<segment::SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    return segment::SharedBytes::of(TRY(objects_.get(key_, {.offset = offset, .size = size})));
  }
  std::uint64_t gap_bytes() const override { return kGapBytes; }

 private:
  io::ObjectStore& objects_;
  const std::string key_;
  const std::uint64_t size_bytes_;
};

}  // namespace lynxdb::instance
