// An ObjectStore in a bucket of an S3 service: AWS, MinIO, Ceph, R2 and others.
//
// What is sent is signed with its SHA-256 and carries its MD5: a service refuses what arrives
// changed. What it then says it stored (its ETag) is compared once more; where an ETag is no MD5
// (encryption with KMS keys), the length is asked for instead.
#pragma once

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "io/object_store.h"
#include "s3/client.h"
#include "s3/environment.h"
#include "s3/http.h"
#include "s3/options.h"

namespace lynxdb::s3 {

class S3ObjectStore final : public io::ObjectStore {
 public:
  // What the store looks at beside its options.
  struct Machine {
    Environment environment = process_environment();
    io::FileSystem* file_system = &io::posix();
    const base::Clock* clock = &base::real_clock();
  };

  // Checks the options; asks nobody yet. Errors: kInvalidArgument, kIo (a profile that cannot be
  // read).
  static Result<std::unique_ptr<S3ObjectStore>> open(const S3Options& options, Machine machine);
  static Result<std::unique_ptr<S3ObjectStore>> open(const S3Options& options) {
    return open(options, Machine());
  }
  ~S3ObjectStore() override;

  Result<> put(std::string_view key, std::string_view bytes) override;
  Result<> put_file(std::string_view key, io::File& file) override;
  Result<std::string> get(std::string_view key, io::ByteRange range) override;
  Result<io::ObjectInfo> head(std::string_view key) override;
  Result<io::ObjectPage> list(std::string_view prefix, std::string_view after,
                              std::size_t limit) override;
  Result<> remove(std::span<const std::string> keys) override;
  void cancel() override;
  io::ObjectStoreStats stats() const override;

 private:
  S3ObjectStore(const S3Options& options, Machine machine, std::string region, Address address);

  // Counts a failure, and says where it was.
  template <typename T>
  Result<T> finish(std::string_view operation, std::string_view key, Result<T> result);
  Result<> put_bytes(const std::string& key, std::string_view bytes);
  Result<> put_any_file(const std::string& key, io::File& file);
  Result<std::string> get_range(const std::string& key, io::ByteRange range);
  Result<io::ObjectInfo> head_object(const std::string& key);
  Result<io::ObjectPage> list_page(std::string_view prefix, std::string_view after,
                                   std::size_t limit);
  Result<> check_length(const std::string& key, std::uint64_t size_bytes);

  const S3Options options_;
  const Machine machine_;
  const std::unique_ptr<HttpClient> credential_http_;  // Of its own: S3's may all be waiting.
  const std::unique_ptr<HttpClient> http_;
  CredentialChain credentials_;
  S3Client client_;
  std::atomic<std::uint64_t> errors_{0};
};

}  // namespace lynxdb::s3
