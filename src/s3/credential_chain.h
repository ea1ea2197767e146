// The credentials to sign with, always fresh: from the first source that has any, asked again
// before they expire.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "s3/credential_source.h"

namespace lynxdb::s3 {

// Thread-safe. One thread asks the source; the others go on with what is still valid.
class CredentialChain {
 public:
  // Refreshed so long before they expire; a failure is no harm until they do.
  static constexpr std::int64_t kRefreshAheadNs = 300'000'000'000;
  // After a failed refresh.
  static constexpr std::int64_t kRetryAfterNs = 10'000'000'000;

  // `clock` must outlive the chain.
  CredentialChain(std::vector<std::unique_ptr<CredentialSource>> sources, const base::Clock& clock);

  // May block while a source is asked. Errors: those of the sources, and kInvalidArgument when none
  // of them has any; the message says where was looked.
  Result<Credentials> get() EXCLUDES(mutex_);

  // The service does not take them (any more): the next get() asks again, unless somebody already
  // did. `access_key_id` and `session_token` are of the refused ones.
  void refuse(const Credentials& refused) EXCLUDES(mutex_);

 private:
  bool is_valid() const REQUIRES(mutex_);
  bool wants_refresh() const REQUIRES(mutex_);
  // Without the lock: this asks files and servers.
  Result<Credentials> ask();

  const base::Clock& clock_;
  const std::vector<std::unique_ptr<CredentialSource>> sources_;  // Used while refreshing_ is ours.
  base::Mutex mutex_;
  base::CondVar refreshed_;
  std::optional<Credentials> current_ GUARDED_BY(mutex_);
  bool refused_ GUARDED_BY(mutex_) = false;
  bool refreshing_ GUARDED_BY(mutex_) = false;
  std::int64_t no_refresh_before_ns_ GUARDED_BY(mutex_) = 0;
};

// Environment, profile, web identity, container, EC2 instance: AWS's order.
std::vector<std::unique_ptr<CredentialSource>> default_sources(const SourceContext& context);

}  // namespace lynxdb::s3
