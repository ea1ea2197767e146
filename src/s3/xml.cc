#include "s3/xml.h"

#include <pugixml.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "s3/iso_time.h"
#include "s3/uri.h"

namespace lynxdb::s3 {
namespace {

// Elements, text and CDATA; no comments, no DTD, no processing instructions are kept.
constexpr unsigned kParseOptions =
    pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_ws_pcdata_single;

// The root element `name`, or none.
pugi::xml_node root_of(pugi::xml_document& document, std::string_view xml, const char* name) {
  const auto parsed =
      document.load_buffer(xml.data(), xml.size(), kParseOptions, pugi::encoding_utf8);
  return parsed ? document.child(name) : pugi::xml_node();
}

Error not_a(const char* name) {
  return Error{ErrorCode::kParse, fmt::format("the answer is not a <{}>", name)};
}

// For people: of one line, and not longer than a line or two.
std::string clean(std::string_view text) {
  constexpr std::size_t kShownBytesMax = 200;
  std::string result(text.substr(0, kShownBytesMax));
  std::replace_if(
      result.begin(), result.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return result;
}

ServiceError service_error(const pugi::xml_node& error) {
  return ServiceError{clean(error.child_value("Code")), clean(error.child_value("Message")),
                      clean(error.child_value("Region")), clean(error.child_value("RequestId"))};
}

Result<io::ObjectInfo> object_of(const pugi::xml_node& contents, bool encoded) {
  io::ObjectInfo object;
  object.key = contents.child_value("Key");
  if (encoded) {
    // Some services write blanks as plus signs, as forms do; a real plus is %2B everywhere.
    std::replace(object.key.begin(), object.key.end(), '+', ' ');
    object.key = TRY(percent_decode(object.key));
  }
  const std::string_view size = contents.child_value("Size");
  const auto [stop, error] =
      std::from_chars(size.data(), size.data() + size.size(), object.size_bytes);
  const auto modified = parse_iso_time(contents.child_value("LastModified"));
  if (object.key.empty() || error != std::errc() || stop != size.data() + size.size() ||
      !modified) {
    return Error{ErrorCode::kParse, "an object without key, size or time in <ListBucketResult>"};
  }
  object.modified_ns = *modified;
  return object;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result.push_back(c);
    }
  }
  return result;
}

}  // namespace

ServiceError parse_service_error(std::string_view xml) {
  pugi::xml_document document;
  return service_error(root_of(document, xml, "Error"));
}

ServiceError parse_sts_error(std::string_view xml) {
  pugi::xml_document document;
  return service_error(root_of(document, xml, "ErrorResponse").child("Error"));
}

Result<io::ObjectPage> parse_object_list(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = root_of(document, xml, "ListBucketResult");
  if (!root) return not_a("ListBucketResult");
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  io::ObjectPage page;
  page.more = std::string_view(root.child_value("IsTruncated")) == "true";
  for (const pugi::xml_node& contents : root.children("Contents")) {
    page.objects.push_back(TRY(object_of(contents, encoded)));
  }
  return page;
}

Result<std::string> parse_upload_id(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = root_of(document, xml, "InitiateMultipartUploadResult");
  std::string id = root.child_value("UploadId");
  if (id.empty()) return not_a("InitiateMultipartUploadResult");
  return id;
}

Result<std::optional<std::string>> parse_completed_upload(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = root_of(document, xml, "CompleteMultipartUploadResult");
  if (root) return std::optional<std::string>(unquoted_etag(root.child_value("ETag")));
  if (document.child("Error")) return std::optional<std::string>();
  return not_a("CompleteMultipartUploadResult");
}

Result<std::vector<KeyError>> parse_delete_result(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = root_of(document, xml, "DeleteResult");
  if (!root) return not_a("DeleteResult");
  std::vector<KeyError> errors;
  for (const pugi::xml_node& error : root.children("Error")) {
    errors.push_back({error.child_value("Key"), clean(error.child_value("Code")),
                      clean(error.child_value("Message"))});
  }
  return errors;
}

Result<Credentials> parse_assumed_role(std::string_view xml) {
  constexpr const char* kRoot = "AssumeRoleWithWebIdentityResponse";
  pugi::xml_document document;
  const pugi::xml_node found =
      root_of(document, xml, kRoot).child("AssumeRoleWithWebIdentityResult").child("Credentials");
  Credentials credentials;
  credentials.access_key_id = found.child_value("AccessKeyId");
  credentials.secret_access_key = found.child_value("SecretAccessKey");
  credentials.session_token = found.child_value("SessionToken");
  credentials.expires_ns = parse_iso_time(found.child_value("Expiration"));
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      credentials.session_token.empty() || !credentials.expires_ns) {
    return not_a(kRoot);
  }
  return credentials;
}

std::string delete_request(std::span<const std::string> keys) {
  std::string xml = "<Delete><Quiet>true</Quiet>";
  for (const std::string& key : keys) xml += "<Object><Key>" + escaped(key) + "</Key></Object>";
  return xml + "</Delete>";
}

std::string complete_request(std::span<const std::string> etags) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", i + 1,
                       escaped(etags[i]));
  }
  return xml + "</CompleteMultipartUpload>";
}

std::string_view unquoted_etag(std::string_view etag) {
  if (etag.size() < 2 || !etag.starts_with('"') || !etag.ends_with('"')) return etag;
  return etag.substr(1, etag.size() - 2);
}

}  // namespace lynxdb::s3
