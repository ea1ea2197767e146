// An object store whose writes fail now and then, after they were applied or before.
#pragma once

#include <random>

#include "io/testing.h"

namespace lynxdb::tests {

class FlakyObjectStore final : public io::testing::ForwardingObjectStore {
 public:
  FlakyObjectStore(io::ObjectStore& real, std::uint64_t seed)
      : ForwardingObjectStore(real), random_(seed) {}

  // One put in `puts` fails; 0: none does.
  void fail_one_in(unsigned puts) { puts_ = puts; }

 private:
  Result<> changing(const std::function<Result<>()>& change) override {
    const bool fails = puts_ != 0 && random_() % puts_ == 0;
    const bool applied = !fails || random_() % 2 == 0;
    if (applied) TRY(change());
    if (fails) return Error{ErrorCode::kTimeout, "no answer, as the test ordered"};
    return {};
  }

  std::mt19937_64 random_;
  unsigned puts_ = 0;
};

}  // namespace lynxdb::tests
