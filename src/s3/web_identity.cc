// A role for a signed token: STS AssumeRoleWithWebIdentity.
#include <fmt/format.h>

#include "s3/credential_source.h"
#include "s3/profile_file.h"
#include "s3/uri.h"
#include "s3/xml.h"

namespace lynxdb::s3 {
namespace {

std::string sts_url(const SourceContext& context) {
  if (auto url = context.environment("AWS_ENDPOINT_URL_STS")) return *url;
  const char* domain = context.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return fmt::format("https://sts.{}.{}", context.region, domain);
}

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// STS is asked again later for what will pass, and never for what will not.
Error refused(const HttpResponse& response) {
  const ServiceError error = parse_sts_error(response.body);
  const bool passes =
      response.status >= 500 || response.status == 429 || error.code == "Throttling";
  return Error{passes ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
               fmt::format("STS answers {} {}: {}", response.status, error.code, error.message),
               passes ? ""
                      : "check AWS_ROLE_ARN, and that the role's trust policy names this "
                        "identity provider and service account"};
}

class WebIdentitySource final : public CredentialSource {
 public:
  explicit WebIdentitySource(SourceContext context) : context_(std::move(context)) {}

  Result<std::optional<Credentials>> fetch() override {
    const auto role = context_.environment("AWS_ROLE_ARN");
    const auto token_file = context_.environment("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!token_file) return std::optional<Credentials>();
    if (!role) {
      return Error{ErrorCode::kInvalidArgument,
                   "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not",
                   "set AWS_ROLE_ARN to the role to take on"};
    }
    const WebIdentity identity{*role, *token_file,
                               context_.environment("AWS_ROLE_SESSION_NAME").value_or("")};
    return std::optional<Credentials>(TRY(assume_role(context_, identity)));
  }

  std::string name() const override { return "web identity"; }

 private:
  const SourceContext context_;
};

}  // namespace

Result<Credentials> assume_role(const SourceContext& context, const WebIdentity& identity) {
  auto token = read_small_file(*context.file_system, identity.token_file);
  if (!token) {
    return Error{ErrorCode::kInvalidArgument, "web identity token: " + token.error().message,
                 "AWS_WEB_IDENTITY_TOKEN_FILE must name a file that this process may read"};
  }
  const Url endpoint = TRY(parse_url(sts_url(context)));
  // In the body, so that no proxy or server writes the token into its log of URLs.
  const std::string body = canonical_query({
      {"Action", "AssumeRoleWithWebIdentity"},
      {"Version", "2011-06-15"},
      {"RoleArn", identity.role_arn},
      {"RoleSessionName", identity.session_name.empty() ? "lynxdb" : identity.session_name},
      {"WebIdentityToken", std::string(without_line_end(*token))},
  });
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint.origin() + endpoint.path + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/xml"}};
  request.body = body;
  request.total_max = std::chrono::seconds(20);
  auto response = context.http->send(request);
  if (!response) return std::move(response).error().in("STS at " + endpoint.origin());
  if (response->status != 200) return refused(*response);
  return parse_assumed_role(response->body);
}

std::unique_ptr<CredentialSource> web_identity_source(SourceContext context) {
  return std::make_unique<WebIdentitySource>(std::move(context));
}

}  // namespace lynxdb::s3
