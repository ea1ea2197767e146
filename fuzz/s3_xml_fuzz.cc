// Whatever a service answers, in XML or not: the first byte says what it is read as. Nothing
// crashes, and what goes into messages is short and of one line.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "s3/credential_json.h"
#include "s3/iso_time.h"
#include "s3/profile_file.h"
#include "s3/uri.h"
#include "s3/xml.h"

namespace lynxdb::s3 {
namespace {

void check_shown(std::string_view text) {
  LYNXDB_CHECK(text.size() <= 200);
  for (const char c : text) LYNXDB_CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void check_error(const ServiceError& error) {
  for (const std::string_view text :
       {std::string_view(error.code), std::string_view(error.message),
        std::string_view(error.region), std::string_view(error.request_id)}) {
    check_shown(text);
  }
}

void check_list(std::string_view xml) {
  const auto page = parse_object_list(xml);
  if (!page) return;
  for (const io::ObjectInfo& object : page->objects) {
    LYNXDB_CHECK(!object.key.empty());
    LYNXDB_CHECK(object.modified_ns >= 0);
  }
}

void check_delete(std::string_view xml) {
  const auto errors = parse_delete_result(xml);
  if (!errors) return;
  for (const KeyError& error : *errors) {
    check_shown(error.code);
    check_shown(error.message);
  }
}

// What is encoded is what comes back.
void check_uri(std::string_view text) {
  LYNXDB_CHECK(*percent_decode(percent_encode(text)) == text);
  (void)percent_decode(text);
  const auto url = parse_url(text);
  if (url) LYNXDB_CHECK(parse_url(url->origin() + url->path)->authority() == url->authority());
}

void parse(std::uint8_t kind, std::string_view text) {
  switch (kind % 10) {
    case 0:
      return check_list(text);
    case 1:
      return check_error(parse_service_error(text));
    case 2:
      return check_delete(text);
    case 3:
      return (void)parse_completed_upload(text);
    case 4:
      return (void)parse_upload_id(text);
    case 5:
      (void)parse_assumed_role(text);
      return check_error(parse_sts_error(text));
    case 6:
      return (void)parse_credential_json(text);
    case 7:
      return (void)parse_profile(text, "default");
    case 8:
      return check_uri(text);
    default:
      (void)parse_iso_time(text);
      return (void)parse_http_time(text);
  }
}

}  // namespace
}  // namespace lynxdb::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  lynxdb::s3::parse(data[0], {reinterpret_cast<const char*>(data + 1), size - 1});
  return 0;
}
