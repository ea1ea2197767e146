// What a service says it stored, against what we sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "s3/digest.h"
#include "s3/http.h"

namespace lynxdb::s3 {

enum class Match { kSame, kDifferent, kUnknown };

// `etag` (without quotes) against the hex MD5 of what was sent. Unknown when it is no MD5: it has
// another form, or the response tells of encryption that changes it.
Match match_etag(std::string_view etag, std::string_view md5_hex, const HttpResponse& response);

// The ETag of an object in parts: "<md5 of the parts' md5s>-<parts>".
std::string multipart_etag(std::span<const Md5> parts);

}  // namespace lynxdb::s3
