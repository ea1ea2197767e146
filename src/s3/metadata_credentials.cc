// Credentials that the machine is given: by EC2's metadata service, by ECS's and EKS's agents.
#include <fmt/format.h>

#include "s3/credential_json.h"
#include "s3/credential_source.h"
#include "s3/profile_file.h"
#include "s3/uri.h"

namespace lynxdb::s3 {
namespace {

HttpRequest metadata_request(std::string method, std::string url) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.response_bytes_max = 64U << 10U;
  request.direct = true;  // The address means something on this machine only.
  request.connect_max = std::chrono::seconds(1);
  request.total_max = std::chrono::seconds(5);
  return request;
}

Error bad_status(std::string_view who, int status) {
  const bool passes = status >= 500 || status == 429;
  return Error{passes ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
               fmt::format("{} answers {}", who, status)};
}

class InstanceSource final : public CredentialSource {
 public:
  explicit InstanceSource(SourceContext context) : context_(std::move(context)) {}

  Result<std::optional<Credentials>> fetch() override {
    if (context_.environment("AWS_EC2_METADATA_DISABLED") == "true") {
      return std::optional<Credentials>();
    }
    const Url endpoint = TRY(parse_url(context_.environment("AWS_EC2_METADATA_SERVICE_ENDPOINT")
                                           .value_or("http://169.254.169.254")));
    const auto token = TRY(session_token(endpoint));
    if (!token) return std::optional<Credentials>();
    const std::string roles =
        endpoint.origin() + endpoint.path + "/latest/meta-data/iam/security-credentials/";
    const HttpResponse role = TRY(get(roles, *token));
    if (role.status == 404) return std::optional<Credentials>();  // An instance without a role.
    if (role.status != 200) return bad_status("EC2 metadata", role.status);
    const std::string name = role.body.substr(0, role.body.find_first_of("\r\n"));
    const HttpResponse found = TRY(get(roles + percent_encode(name), *token));
    if (found.status != 200) return bad_status("EC2 metadata", found.status);
    return std::optional<Credentials>(TRY(parse_credential_json(found.body)));
  }

  std::string name() const override { return "EC2 instance"; }

 private:
  // Nothing when this is no EC2 instance: nobody answers, or somebody who does not know IMDSv2.
  Result<std::optional<std::string>> session_token(const Url& endpoint) {
    HttpRequest request =
        metadata_request("PUT", endpoint.origin() + endpoint.path + "/latest/api/token");
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    auto response = context_.http->send(request);
    if (!response && response.error().code == ErrorCode::kCancelled) {
      return std::move(response).error();
    }
    if (!response || response->status != 200 || response->body.empty()) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>(std::move(response->body));
  }

  Result<HttpResponse> get(std::string url, const std::string& token) {
    HttpRequest request = metadata_request("GET", std::move(url));
    request.headers = {{"X-aws-ec2-metadata-token", token}};
    auto response = context_.http->send(request);
    if (!response) return std::move(response).error().in("EC2 metadata");
    return response;
  }

  const SourceContext context_;
};

class ContainerSource final : public CredentialSource {
 public:
  explicit ContainerSource(SourceContext context) : context_(std::move(context)) {}

  Result<std::optional<Credentials>> fetch() override {
    const auto url = url_of_agent();
    if (!url) return std::optional<Credentials>();
    TRY(check_safe(*url));
    HttpRequest request = metadata_request("GET", *url);
    const std::string token = TRY(authorization_token());
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    auto response = context_.http->send(request);
    if (!response) return std::move(response).error().in("container credentials");
    if (response->status != 200) return bad_status("container credentials", response->status);
    return std::optional<Credentials>(TRY(parse_credential_json(response->body)));
  }

  std::string name() const override { return "container"; }

 private:
  std::optional<std::string> url_of_agent() const {
    if (const auto path = context_.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
      return "http://169.254.170.2" + *path;
    }
    return context_.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  }

  // Secrets in plain text go to this machine's agents alone.
  static Result<> check_safe(const std::string& text) {
    const Url url = TRY(parse_url(text.substr(0, text.find('?'))));
    const bool is_agent =
        url.host == "169.254.170.2" || url.host == "169.254.170.23" || url.host == "[fd00:ec2::23]";
    if (url.tls || is_agent || is_loopback(url.host)) return {};
    return Error{ErrorCode::kInvalidArgument,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor this machine's agent"};
  }

  Result<std::string> authorization_token() {
    const auto file = context_.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    std::string token = context_.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    if (file) token = TRY(read_small_file(*context_.file_system, *file));
    return token.substr(0, token.find_first_of("\r\n"));
  }

  const SourceContext context_;
};

}  // namespace

std::unique_ptr<CredentialSource> instance_source(SourceContext context) {
  return std::make_unique<InstanceSource>(std::move(context));
}

std::unique_ptr<CredentialSource> container_source(SourceContext context) {
  return std::make_unique<ContainerSource>(std::move(context));
}

}  // namespace lynxdb::s3
