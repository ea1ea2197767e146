#include "s3/credential_json.h"

#include <simdjson.h>

#include <string>

#include "s3/iso_time.h"

namespace lynxdb::s3 {
namespace {

std::string text_of(const simdjson::dom::object& object, const char* name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

}  // namespace

Result<Credentials> parse_credential_json(std::string_view json) {
  const Error bad{ErrorCode::kParse, "the answer holds no credentials"};
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) return bad;
  const std::string code = text_of(object, "Code");
  Credentials credentials;
  credentials.access_key_id = text_of(object, "AccessKeyId");
  credentials.secret_access_key = text_of(object, "SecretAccessKey");
  credentials.session_token = text_of(object, "Token");
  credentials.expires_ns = parse_iso_time(text_of(object, "Expiration"));
  const bool complete = !credentials.access_key_id.empty() &&
                        !credentials.secret_access_key.empty() && credentials.expires_ns;
  if (!complete || (!code.empty() && code != "Success")) return bad;
  return credentials;
}

}  // namespace lynxdb::s3
