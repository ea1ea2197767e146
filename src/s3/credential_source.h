// Where credentials may come from, each as one source; credential_chain.h asks them in turn.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/file.h"
#include "s3/credentials.h"
#include "s3/environment.h"
#include "s3/http.h"

namespace lynxdb::s3 {

// Used by one thread at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;

  // Fresh ones; nothing when this source is not set up. A source that is set up and fails is an
  // error, not nothing: else a typing error would end in somebody else's rights.
  // Errors: kInvalidArgument (set up wrongly; `suggestion` says what to do), kUnavailable,
  // kTimeout.
  virtual Result<std::optional<Credentials>> fetch() = 0;

  // "environment": for messages.
  virtual std::string name() const = 0;
};

// What sources look at. All outlive them.
struct SourceContext {
  Environment environment;
  io::FileSystem* file_system = nullptr;
  HttpClient* http = nullptr;
  std::string region;  // Where to ask STS.
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
std::unique_ptr<CredentialSource> environment_source(SourceContext context);

// The profile of AWS_PROFILE ("default") in AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
// (~/.aws/credentials, ~/.aws/config): keys, or a role by web identity.
std::unique_ptr<CredentialSource> profile_source(SourceContext context);

// AWS_ROLE_ARN by the token in AWS_WEB_IDENTITY_TOKEN_FILE, from STS (AWS_ENDPOINT_URL_STS): what
// Kubernetes gives a service account.
std::unique_ptr<CredentialSource> web_identity_source(SourceContext context);

// AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI: ECS, EKS Pod Identity.
std::unique_ptr<CredentialSource> container_source(SourceContext context);

// The role of an EC2 instance, by IMDSv2 (AWS_EC2_METADATA_SERVICE_ENDPOINT); not with
// AWS_EC2_METADATA_DISABLED=true. Nothing when nobody answers: then this is no EC2 instance.
std::unique_ptr<CredentialSource> instance_source(SourceContext context);

// Asks STS for a role; what web identities of the environment and of profiles share.
struct WebIdentity {
  std::string role_arn;
  std::string token_file;
  std::string session_name;
};
Result<Credentials> assume_role(const SourceContext& context, const WebIdentity& identity);

}  // namespace lynxdb::s3
