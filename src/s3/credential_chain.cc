#include "s3/credential_chain.h"

#include <utility>

namespace lynxdb::s3 {

CredentialChain::CredentialChain(std::vector<std::unique_ptr<CredentialSource>> sources,
                                 const base::Clock& clock)
    : clock_(clock), sources_(std::move(sources)) {}

bool CredentialChain::is_valid() const {
  if (!current_ || refused_) return false;
  return !current_->expires_ns || clock_.wall_ns() < *current_->expires_ns;
}

bool CredentialChain::wants_refresh() const {
  if (!is_valid()) return true;
  const std::int64_t now_ns = clock_.wall_ns();
  return current_->expires_ns && now_ns >= *current_->expires_ns - kRefreshAheadNs &&
         now_ns >= no_refresh_before_ns_;
}

Result<Credentials> CredentialChain::get() {
  {
    const base::MutexLock lock(mutex_);
    while (refreshing_ && !is_valid()) refreshed_.wait(mutex_);
    if (refreshing_ || !wants_refresh()) return *current_;
    refreshing_ = true;
  }
  Result<Credentials> fresh = ask();
  const base::MutexLock lock(mutex_);
  refreshing_ = false;
  refreshed_.notify_all();
  if (fresh) {
    current_ = *fresh;
    refused_ = false;
    no_refresh_before_ns_ = 0;
    return fresh;
  }
  if (!is_valid()) return fresh;
  no_refresh_before_ns_ = clock_.wall_ns() + kRetryAfterNs;
  return *current_;
}

void CredentialChain::refuse(const Credentials& refused) {
  const base::MutexLock lock(mutex_);
  refused_ = refused_ || (current_ && current_->access_key_id == refused.access_key_id &&
                          current_->secret_access_key == refused.secret_access_key &&
                          current_->session_token == refused.session_token);
}

Result<Credentials> CredentialChain::ask() {
  std::string asked;
  for (const auto& source : sources_) {
    auto found = source->fetch();
    if (!found) return std::move(found).error().in("S3 credentials (" + source->name() + ")");
    if (*found) return std::move(**found);
    if (!asked.empty()) asked += ", ";
    asked += source->name();
  }
  return Error{ErrorCode::kInvalidArgument, "no S3 credentials; looked at: " + asked,
               "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write a profile to "
               "~/.aws/credentials, or give the machine a role"};
}

std::vector<std::unique_ptr<CredentialSource>> default_sources(const SourceContext& context) {
  std::vector<std::unique_ptr<CredentialSource>> sources;
  sources.push_back(environment_source(context));
  sources.push_back(profile_source(context));
  sources.push_back(web_identity_source(context));
  sources.push_back(container_source(context));
  sources.push_back(instance_source(context));
  return sources;
}

}  // namespace lynxdb::s3
