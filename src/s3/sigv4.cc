#include "s3/sigv4.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "s3/digest.h"

namespace lynxdb::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Without spaces at both ends; runs of spaces within become one.
std::string trimmed(std::string_view value) {
  std::string result;
  for (const char c : value) {
    if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
    result.push_back(c);
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

Headers canonical_headers(const Headers& headers) {
  Headers canonical;
  canonical.reserve(headers.size());
  for (const auto& [name, value] : headers) canonical.emplace_back(lower(name), trimmed(value));
  std::sort(canonical.begin(), canonical.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return canonical;
}

std::string signed_names(const Headers& canonical) {
  std::string names;
  for (const auto& header : canonical) {
    if (!names.empty()) names.push_back(';');
    names += header.first;
  }
  return names;
}

std::string scope_text(const SigningScope& scope, std::string_view time) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string signature(const Credentials& credentials, const SigningScope& scope,
                      std::string_view time, std::string_view to_sign) {
  Sha256 key = hmac_sha256("AWS4" + credentials.secret_access_key, time.substr(0, 8));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = hmac_sha256(as_text(key), part);
  }
  return to_hex(as_text(hmac_sha256(as_text(key), to_sign)));
}

}  // namespace

std::string amz_time(std::int64_t wall_ns) {
  using namespace std::chrono;
  const sys_seconds now = floor<seconds>(sys_time<nanoseconds>(nanoseconds(wall_ns)));
  const sys_days day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss<seconds> time(now - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string canonical_request(const SignedParts& parts) {
  const Headers headers = canonical_headers(parts.headers);
  std::string text =
      fmt::format("{}\n{}\n{}\n", parts.method, parts.path, canonical_query(parts.query));
  for (const auto& [name, value] : headers) text += fmt::format("{}:{}\n", name, value);
  text += fmt::format("\n{}\n{}", signed_names(headers), parts.payload_sha256);
  return text;
}

std::string authorization(const SignedParts& parts, const Credentials& credentials,
                          const SigningScope& scope, std::string_view time) {
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope_text(scope, time),
                  to_hex(as_text(sha256(canonical_request(parts)))));
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                     credentials.access_key_id, scope_text(scope, time),
                     signed_names(canonical_headers(parts.headers)),
                     signature(credentials, scope, time, to_sign));
}

}  // namespace lynxdb::s3
