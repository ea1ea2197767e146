// Objects: immutable byte strings under '/'-separated keys, kept by a directory (LocalObjectStore)
// or by an S3 service (s3::S3ObjectStore). What segments are stored in.
//
// A key is 1 to 900 bytes of UTF-8 without control bytes; each of its parts between slashes has 1
// to 200 bytes and does not begin with a dot, so no key is absolute, climbs ("..") or hides. Every
// operation refuses others with kInvalidArgument.
//
// Errors, after the store's own retries:
//   kNotFound         no such object
//   kUnavailable      the store does not answer or asks for patience: retry later
//   kTimeout          no answer in time; a change may have been made all the same
//   kIo               the local disk
//   kCorruption       what is stored is not what was given, or is shorter than what was asked for
//   kInvalidArgument  the store refuses (credentials, rights, bucket, clock, region): repeating it
//                     cannot help until a person acts; `suggestion` says how
//   kCancelled        after cancel()
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/file.h"

namespace lynxdb::io {

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // Wall time by the store's clock; S3 knows whole seconds only.

  friend bool operator==(const ObjectInfo&, const ObjectInfo&) = default;
};

struct ObjectPage {
  std::vector<ObjectInfo> objects;  // By key, in byte order.
  bool more = false;                // Go on after the last key of `objects`.
};

// Since the store was made. A request counts once for each time it was sent.
struct ObjectStoreStats {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;  // Of those, the ones sent again.
  std::uint64_t errors = 0;   // Operations that failed for good, kNotFound not counted.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

// Thread-safe; every call blocks until it is done. Memory: a call holds what it sends or returns
// and, in put_file, one part of the file (16 MiB, or 1/10,000 of the file when that is more).
class ObjectStore {
 public:
  static constexpr std::size_t kListMax = 1000;

  virtual ~ObjectStore() = default;

  // Replaces what was there, atomically: readers see the old object or the new one. On success it
  // is durable, and length and checksum of what is stored were compared with what was given. After
  // a failure the key has its old content or the new.
  virtual Result<> put(std::string_view key, std::string_view bytes) = 0;
  // put() of a whole file, which nobody may change meanwhile. Large files go up in parts.
  virtual Result<> put_file(std::string_view key, File& file) = 0;
  // Exactly `range.size` bytes; kCorruption when the object ends before.
  virtual Result<std::string> get(std::string_view key, ByteRange range) = 0;
  virtual Result<ObjectInfo> head(std::string_view key) = 0;
  // The first objects, at most `limit` (1..kListMax), whose keys begin with `prefix` (any bytes a
  // key may hold; may end within a part) and come after `after` in byte order ("" = from the
  // first).
  virtual Result<ObjectPage> list(std::string_view prefix, std::string_view after = {},
                                  std::size_t limit = kListMax) = 0;
  // Any number of keys; those that do not exist are fine. On failure some of them may be gone.
  virtual Result<> remove(std::span<const std::string> keys) = 0;

  // What is under way and everything later fails with kCancelled, soon. For shutting down.
  virtual void cancel() = 0;

  virtual ObjectStoreStats stats() const = 0;
};

// kInvalidArgument unless `key` is as above.
Result<> check_object_key(std::string_view key);

// All objects below `prefix`, page by page, in memory: for tests, tools and small prefixes.
// kOutOfBudget when there are more than `objects_max`.
Result<std::vector<ObjectInfo>> list_all(ObjectStore& store, std::string_view prefix,
                                         std::size_t objects_max);

}  // namespace lynxdb::io
