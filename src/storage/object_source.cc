#include "storage/object_source.h"

#include <utility>

namespace lynxdb::storage {
namespace {

// What a request to a remote store costs, in bytes that it could have sent meanwhile.
constexpr std::uint64_t kGapBytes = std::uint64_t{256} << 10U;

class ObjectSource final : public segment::ByteSource {
 public:
  ObjectSource(io::ObjectStore& objects, std::string key, std::uint64_t size_bytes)
      : objects_(objects), key_(std::move(key)), size_bytes_(size_bytes) {}

  std::uint64_t size() const override { return size_bytes_; }
  Result<segment::SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    auto bytes = objects_.get(key_, {offset, size});
    if (!bytes) return object_read_error(std::move(bytes).error(), key_);
    return segment::SharedBytes::of(*std::move(bytes));
  }
  std::uint64_t gap_bytes() const override { return kGapBytes; }

 private:
  io::ObjectStore& objects_;
  const std::string key_;
  const std::uint64_t size_bytes_;
};

}  // namespace

Error object_read_error(Error error, const std::string& object_key) {
  const ErrorCode code = error.code;
  if (code == ErrorCode::kTimeout || code == ErrorCode::kInvalidArgument) {
    error.code = ErrorCode::kUnavailable;
  } else if (code == ErrorCode::kNotFound) {
    error.code = ErrorCode::kCorruption;
  }
  return std::move(error).in("object store: " + object_key);
}

Error segment_error(Error error, std::string_view object_key) {
  if (error.code != ErrorCode::kCorruption) return error;
  const std::string key(object_key);
  if (error.message.find(key) == std::string::npos) error = std::move(error).in("segment " + key);
  if (error.suggestion.empty())
    error.suggestion =
        "restore this object from a backup (objects never change), or start the server once with "
        "--drop-damaged-segment " +
        key + ", which loses its events; queries that do not need it work";
  return error;
}

std::shared_ptr<segment::ByteSource> object_source(io::ObjectStore& objects,
                                                   const metadata::SegmentEntry& segment) {
  return std::make_shared<ObjectSource>(objects, segment.object_key, segment.size_bytes);
}

}  // namespace lynxdb::storage
