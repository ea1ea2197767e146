// Credentials as EC2's and ECS's metadata services give them: a JSON object.
#pragma once

#include <string_view>

#include "base/result.h"
#include "s3/credentials.h"

namespace lynxdb::s3 {

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", and perhaps "Code": "Success"}; others
// are left out. kParse for anything else, without a word of what was read.
Result<Credentials> parse_credential_json(std::string_view json);

}  // namespace lynxdb::s3
