// Where objects are: from options to URLs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/options.h"
#include "s3/uri.h"

namespace lynxdb::s3 {

// Immutable.
class Address {
 public:
  // `region` is the one found. kInvalidArgument: a bad bucket name, prefix or endpoint.
  static Result<Address> of(const S3Options& options, std::string_view region);

  const std::string& region() const { return region_; }
  const std::string& bucket() const { return bucket_; }
  std::string authority() const { return url_.authority(); }  // As the Host header has it.
  // As it is sent and signed.
  std::string object_path(std::string_view key) const;
  std::string bucket_path() const;
  std::string url(std::string_view path, std::string_view query) const;

  // The bucket's key for ours, and back. `bucket_key` must begin with the prefix.
  std::string bucket_key(std::string_view key) const { return prefix_ + std::string(key); }
  const std::string& prefix() const { return prefix_; }  // Empty, or ends in '/'.

 private:
  std::string region_;
  std::string bucket_;
  std::string prefix_;
  Url url_;
};

}  // namespace lynxdb::s3
