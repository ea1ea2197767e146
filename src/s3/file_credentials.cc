// Credentials that somebody wrote down: in the environment, in the files of AWS's tools.
#include "s3/credential_source.h"
#include "s3/profile_file.h"

namespace lynxdb::s3 {
namespace {

class EnvironmentSource final : public CredentialSource {
 public:
  explicit EnvironmentSource(SourceContext context) : context_(std::move(context)) {}

  Result<std::optional<Credentials>> fetch() override {
    const auto id = context_.environment("AWS_ACCESS_KEY_ID");
    const auto secret = context_.environment("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::optional<Credentials>();
    if (!id || !secret) {
      return Error{ErrorCode::kInvalidArgument,
                   "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set",
                   "set both, or neither"};
    }
    Credentials credentials;
    credentials.access_key_id = *id;
    credentials.secret_access_key = *secret;
    credentials.session_token = context_.environment("AWS_SESSION_TOKEN").value_or("");
    return std::optional<Credentials>(std::move(credentials));
  }

  std::string name() const override { return "environment"; }

 private:
  const SourceContext context_;
};

class ProfileSource final : public CredentialSource {
 public:
  explicit ProfileSource(SourceContext context) : context_(std::move(context)) {}

  Result<std::optional<Credentials>> fetch() override {
    const FoundProfile found = TRY(read_profile(*context_.file_system, context_.environment));
    if (!found.settings && !found.asked_for) return std::optional<Credentials>();
    if (!found.settings) {
      return Error{ErrorCode::kInvalidArgument,
                   "AWS_PROFILE names the profile \"" + found.name + "\", which no file has",
                   "add it to ~/.aws/credentials, or name another one"};
    }
    auto credentials = TRY(of_profile(*found.settings));
    if (!credentials && found.asked_for) {
      return Error{ErrorCode::kInvalidArgument,
                   "the profile \"" + found.name + "\" has neither keys nor a web identity",
                   "give it aws_access_key_id and aws_secret_access_key; sso, credential_process "
                   "and source_profile are not supported"};
    }
    return credentials;
  }

  std::string name() const override { return "profile"; }

 private:
  Result<std::optional<Credentials>> of_profile(const Profile& profile) {
    const auto value = [&](const char* setting) {
      const auto found = profile.find(setting);
      return found == profile.end() ? std::string() : found->second;
    };
    Credentials credentials;
    credentials.access_key_id = value("aws_access_key_id");
    credentials.secret_access_key = value("aws_secret_access_key");
    credentials.session_token = value("aws_session_token");
    if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty()) {
      return std::optional<Credentials>(std::move(credentials));
    }
    const WebIdentity identity{value("role_arn"), value("web_identity_token_file"),
                               value("role_session_name")};
    if (identity.role_arn.empty() || identity.token_file.empty()) {
      return std::optional<Credentials>();
    }
    return std::optional<Credentials>(TRY(assume_role(context_, identity)));
  }

  const SourceContext context_;
};

}  // namespace

std::unique_ptr<CredentialSource> environment_source(SourceContext context) {
  return std::make_unique<EnvironmentSource>(std::move(context));
}

std::unique_ptr<CredentialSource> profile_source(SourceContext context) {
  return std::make_unique<ProfileSource>(std::move(context));
}

}  // namespace lynxdb::s3
