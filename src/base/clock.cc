#include "base/clock.h"

#include "base/check.h"

namespace lynxdb::base {
namespace {

class RealClock final : public Clock {
 public:
  std::int64_t wall_ns() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
  }
  Monotonic monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& real_clock() {
  static const RealClock clock;
  return clock;
}

void ManualClock::advance(std::chrono::nanoseconds by) {
  LYNXDB_CHECK(by.count() >= 0);
  wall_ns_ += by.count();
  elapsed_ += by.count();
}

}  // namespace lynxdb::base
