// A large file in parts, one after the other: begin, part by part, put together; given up on
// failure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file.h"
#include "s3/client.h"
#include "s3/digest.h"

namespace lynxdb::s3 {

// S3 takes at most so many.
inline constexpr std::uint64_t kPartsMax = 10'000;

// So large that the file has at most kPartsMax parts.
std::uint64_t part_size_for(std::uint64_t file_bytes, std::uint64_t wished_bytes);

// One file's; used once, by one thread. Holds one part in memory.
class MultipartUpload {
 public:
  MultipartUpload(S3Client& client, std::string key) : client_(client), key_(std::move(key)) {}

  // Sends the file. On failure the parts are deleted, as far as the service can be reached; what
  // stays is invisible and costs storage until a lifecycle rule of the bucket removes it
  // (docs/guide/object-store.md). Errors: those of ObjectStore.
  // True: the ETag told that what is stored is what was sent. False: its length must be looked at.
  Result<bool> run(io::File& file, std::uint64_t file_bytes, std::uint64_t part_bytes);

 private:
  Result<> begin();
  Result<> send_parts(io::File& file, std::uint64_t file_bytes, std::uint64_t part_bytes);
  Result<> send_part(std::string_view bytes);
  Result<bool> complete();
  // The service does not know the upload (any more): perhaps it completed it and the answer was
  // lost.
  Result<bool> was_completed();
  void abort();

  S3Client& client_;
  const std::string key_;
  std::string upload_id_;
  std::vector<std::string> etags_;
  std::vector<Md5> digests_;
};

}  // namespace lynxdb::s3
