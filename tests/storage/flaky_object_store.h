// An object store whose writes fail now and then, after they were applied or before. Thread-safe.
#pragma once

#include <random>

#include "base/mutex.h"
#include "io/testing.h"

namespace lynxdb::tests {

class FlakyObjectStore final : public io::testing::ForwardingObjectStore {
 public:
  FlakyObjectStore(io::ObjectStore& real, std::uint64_t seed)
      : ForwardingObjectStore(real), random_(seed) {}

  // One put in `puts` fails; 0: none does.
  void fail_one_in(unsigned puts) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    puts_ = puts;
  }

 private:
  Result<> changing(const std::function<Result<>()>& change) override {
    bool fails = false;
    bool applied = true;
    {
      const base::MutexLock lock(mutex_);
      fails = puts_ != 0 && random_() % puts_ == 0;
      applied = !fails || random_() % 2 == 0;
    }
    if (applied) TRY(change());
    if (fails) return Error{ErrorCode::kTimeout, "no answer, as the test ordered"};
    return {};
  }

  base::Mutex mutex_;
  std::mt19937_64 random_ GUARDED_BY(mutex_);
  unsigned puts_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::tests
