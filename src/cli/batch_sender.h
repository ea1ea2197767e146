// Sends batches of lines to a server until each is committed, once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cli/line_batches.h"
#include "client/http_client.h"
#include "client/retry.h"
#include "client/server_error.h"

namespace lynxdb::cli {

// Belongs to one thread, but for stop().
class BatchSender {
 public:
  struct Options {
    client::Headers labels;                       // X-Source, X-Index...
    std::chrono::milliseconds retry_max{60'000};  // For one batch.
  };
  struct RefusedLine {
    std::uint64_t number = 0;
    std::string code;
    std::string message;
  };
  struct Outcome {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::vector<RefusedLine> lines;  // The first ones.
    std::vector<std::string> hints;
  };

  // The id of a batch: the same for the same batch, so that it may be sent again.
  using BatchId = std::function<std::string(const LineBatch&)>;

  BatchSender(client::HttpClient& client, Options options);

  void set_labels(client::Headers labels) { options_.labels = std::move(labels); }
  // Without it each batch has an id by chance.
  void set_batch_id(BatchId batch_id) { batch_id_ = std::move(batch_id); }

  // Sent again with the same batch id while the server is busy (429, 503) or the connection fails,
  // so that what was committed without our learning of it is not stored twice. A batch that is too
  // large for the server goes in halves. Errors: the last one of the connection; kInvalidArgument
  // when the server refused, then refusal() says why; kCancelled.
  Result<Outcome> send(const LineBatch& batch);
  const std::optional<client::ServerError>& refusal() const { return refusal_; }
  std::uint64_t retries() const { return retries_; }

  // Thread-safe: what is under way ends with kCancelled.
  void stop() EXCLUDES(mutex_);

 private:
  Result<client::Response> deliver(const LineBatch& batch);
  Result<Outcome> send_halves(const LineBatch& batch);
  bool wait(std::chrono::milliseconds time) EXCLUDES(mutex_);

  client::HttpClient& client_;
  Options options_;
  BatchId batch_id_;
  const bool compress_;
  client::Backoff backoff_;
  std::optional<client::ServerError> refusal_;
  std::uint64_t retries_ = 0;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace lynxdb::cli
