// HTTP over libcurl: connections are kept and used again, and so many requests run at once.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "s3/http.h"

namespace lynxdb::s3 {

class CurlClient final : public HttpClient {
 public:
  struct Options {
    std::size_t connections_max = 32;  // More callers wait for their turn.
    std::string ca_file{};             // PEM; empty: the system's.
  };

  explicit CurlClient(Options options);
  ~CurlClient() override;  // Nobody may be in send().

  Result<HttpResponse> send(const HttpRequest& request) override;
  void cancel() override;

 private:
  class Handle;  // A connection's memory in libcurl; used by one thread at a time.
  class Lease;

  // Null after cancel().
  std::unique_ptr<Handle> take() EXCLUDES(mutex_);
  void give_back(std::unique_ptr<Handle> handle) EXCLUDES(mutex_);

  const Options options_;
  std::atomic<bool> cancelled_{false};
  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::unique_ptr<Handle>> idle_ GUARDED_BY(mutex_);  // The last one is the warmest.
  std::size_t in_use_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::s3
