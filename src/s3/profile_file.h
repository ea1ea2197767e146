// The files that AWS's tools share: ~/.aws/credentials and ~/.aws/config.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"
#include "s3/environment.h"

namespace lynxdb::s3 {

// Settings of one profile, names in lower case: "aws_access_key_id", "region", ...
using Profile = std::map<std::string, std::string>;

// What the text says under [section]; nothing when there is no such section. Lines that are no
// settings are left out, as AWS's tools do; comments begin with # or ;.
std::optional<Profile> parse_profile(std::string_view text, std::string_view section);

struct FoundProfile {
  std::string name;
  bool asked_for = false;           // AWS_PROFILE names it.
  std::optional<Profile> settings;  // Nothing: neither file has it.
};

// The profile of AWS_PROFILE, else "default", from both files; the credentials file wins. A file
// that is not there is empty. Errors: kIo, kInvalidArgument (over 1 MiB).
Result<FoundProfile> read_profile(io::FileSystem& file_system, const Environment& environment);

// All of a small file: a token, a profile. kNotFound, kIo, kInvalidArgument (over 1 MiB).
Result<std::string> read_small_file(io::FileSystem& file_system, const std::string& path);

}  // namespace lynxdb::s3
