// AWS Signature Version 4: proves with every request who sends it and that nobody changed it. The
// secret itself is never sent.
//
//   canonical   := method \n path \n query \n (name:value \n)* \n signed_names \n payload_sha256
//   to_sign     := "AWS4-HMAC-SHA256" \n time \n date/region/service/aws4_request \n
//                  hex(sha256(canonical))
//   signing_key := hmac chain of "AWS4"+secret over date, region, service, "aws4_request"
//   signature   := hex(hmac(signing_key, to_sign))
//
// Our own, because libcurl 7.88 signs query strings and odd keys wrongly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "s3/credentials.h"
#include "s3/http.h"
#include "s3/uri.h"

namespace lynxdb::s3 {

struct SigningScope {
  std::string region;
  std::string service = "s3";
};

struct SignedParts {
  std::string method;
  std::string path;  // Encoded as it is sent; at least "/".
  Query query;
  Headers headers;  // All of these are signed; "host" and "x-amz-date" must be among them.
  std::string payload_sha256;  // Hex.
};

// 20130524T000000Z, for wall time in ns since 1970.
std::string amz_time(std::int64_t wall_ns);

std::string canonical_request(const SignedParts& parts);

// The value of the Authorization header. `time` is that of x-amz-date.
std::string authorization(const SignedParts& parts, const Credentials& credentials,
                          const SigningScope& scope, std::string_view time);

}  // namespace lynxdb::s3
