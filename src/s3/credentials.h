// Who we are for S3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lynxdb::s3 {

// Secrets: never printed, logged or put into an error.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token{};               // Of temporary credentials only.
  std::optional<std::int64_t> expires_ns{};  // Wall time.
};

}  // namespace lynxdb::s3
