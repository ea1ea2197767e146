// Deletes many objects with few requests.
#pragma once

#include <span>
#include <string>

#include "s3/client.h"

namespace lynxdb::s3 {

// At most `attempts_max` times each key that the service is too busy for. Keys that do not exist
// are fine. Errors: those of ObjectStore; some keys may be gone.
Result<> delete_objects(S3Client& client, std::span<const std::string> keys, int attempts_max);

}  // namespace lynxdb::s3
