// Times as S3 and AWS's credential services write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lynxdb::s3 {

// 2009-10-12T17:50:30Z, with or without a fraction: ns since 1970. Nothing else, and only years
// 1970 to 2200.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

// "Wed, 12 Oct 2009 17:50:00 GMT" of HTTP's Date and Last-Modified.
std::optional<std::int64_t> parse_http_time(std::string_view text);

}  // namespace lynxdb::s3
