// What a user says about their S3 service (docs/guide/object-store.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace lynxdb::s3 {

struct S3Options {
  std::string bucket;
  std::string region{};    // Empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1.
  std::string prefix{};    // Of all keys; slashes at its ends do not matter.
  std::string endpoint{};  // URL; empty: AWS.
  bool force_path_style = false;  // http://host/bucket/key instead of http://bucket.host/key.

  std::size_t connections_max = 32;
  std::size_t part_bytes = 16U << 20U;  // Of a multipart upload; S3 wants at least 5 MiB.

  // A request is sent so often, with pauses between that double: 0.1 s, 0.2 s, ... each shortened
  // by chance by up to a half, so that nodes that failed together do not come back together.
  int attempts_max = 7;
  std::chrono::milliseconds backoff_first{100};
  std::chrono::milliseconds backoff_max{5'000};

  std::chrono::milliseconds connect_max{5'000};
  std::chrono::milliseconds stall_max{20'000};
  // Deleting 1,000 keys and putting parts together are silent for long.
  std::chrono::milliseconds slow_stall_max{120'000};
};

}  // namespace lynxdb::s3
