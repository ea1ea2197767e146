// Clients that send until they are answered, and the check that every acknowledged event is there
// once.
#pragma once

#include <atomic>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "client/http_client.h"

namespace lynxdb::tests {

// What clients were told. Thread-safe.
class Ledger {
 public:
  void acknowledged(const std::vector<std::string>& ids) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    acknowledged_.insert(ids.begin(), ids.end());
  }
  std::set<std::string> acknowledged() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return acknowledged_;
  }
  // Answers 429 and 503.
  void refused(client::Response response) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    last_refusal_ = std::move(response);
  }
  client::Response last_refusal() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return last_refusal_;
  }

 private:
  mutable base::Mutex mutex_;
  std::set<std::string> acknowledged_ GUARDED_BY(mutex_);
  client::Response last_refusal_ GUARDED_BY(mutex_);
};

// Sends batch after batch; one without an answer is sent again, under its id, until it has one.
class Writer {
 public:
  Writer(int number, Ledger& ledger);

  // Until `stop`, or until the server is gone.
  void run(const std::string& url, const std::atomic<bool>& stop);
  // Until the batch that is under way has its answer.
  void finish(const std::string& url);

 private:
  void next_batch();
  bool send(client::HttpClient& client);  // False when the server is gone.

  const std::string name_;
  std::mt19937 random_;
  Ledger& ledger_;
  int batch_ = 0;
  std::vector<std::string> ids_;  // Of the batch without an answer.
  std::string body_;
};

// By scan, by `stats count by id`, and by text search for some of them.
void expect_exactly_once(const std::string& url, const Ledger& ledger, std::mt19937& random);

}  // namespace lynxdb::tests
