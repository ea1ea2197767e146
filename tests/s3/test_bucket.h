// The S3 service that tests/s3/radosgw.sh started.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "s3/s3_object_store.h"

namespace lynxdb::s3::testing {

// Its URL; nothing when the tests run without one.
inline std::optional<std::string> test_endpoint() {
  return process_environment()("LYNXDB_S3_TEST_ENDPOINT");
}

// With a prefix that no other test has, and pauses that do not make a test long.
inline S3Options test_options(const std::string& endpoint) {
  static std::mt19937_64 random{std::random_device{}()};
  S3Options options;
  options.endpoint = endpoint;
  options.bucket = process_environment()("LYNXDB_S3_TEST_BUCKET").value_or("lynxdb-test");
  options.prefix = "test-" + std::to_string(random());
  options.force_path_style = true;
  options.part_bytes = 5U << 20U;
  options.backoff_first = std::chrono::milliseconds(5);
  options.backoff_max = std::chrono::milliseconds(50);
  return options;
}

inline std::unique_ptr<S3ObjectStore> open_store(const S3Options& options,
                                                 S3ObjectStore::Machine machine = {}) {
  auto store = S3ObjectStore::open(options, std::move(machine));
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

}  // namespace lynxdb::s3::testing
