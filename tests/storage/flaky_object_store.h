// An object store whose writes fail now and then, after they were applied or before.
#pragma once

#include <random>

#include "io/object_store.h"

namespace lynxdb::tests {

class FlakyObjectStore final : public io::ObjectStore {
 public:
  FlakyObjectStore(io::ObjectStore& real, std::uint64_t seed) : real_(real), random_(seed) {}

  // One put in `puts` fails; 0: none does.
  void fail_one_in(unsigned puts) { puts_ = puts; }

  Result<> put(std::string_view key, std::string_view bytes) override {
    return flaky([&] { return real_.put(key, bytes); });
  }
  Result<> put_file(std::string_view key, io::File& file) override {
    return flaky([&] { return real_.put_file(key, file); });
  }
  Result<std::string> get(std::string_view key, io::ByteRange range) override {
    return real_.get(key, range);
  }
  Result<io::ObjectInfo> head(std::string_view key) override { return real_.head(key); }
  Result<io::ObjectPage> list(std::string_view prefix, std::string_view after,
                              std::size_t limit) override {
    return real_.list(prefix, after, limit);
  }
  Result<> remove(std::span<const std::string> keys) override {
    return flaky([&] { return real_.remove(keys); });
  }
  void cancel() override { real_.cancel(); }
  io::ObjectStoreStats stats() const override { return real_.stats(); }

 private:
  template <typename Call>
  Result<> flaky(Call call) {
    const bool fails = puts_ != 0 && random_() % puts_ == 0;
    const bool applied = !fails || random_() % 2 == 0;
    if (applied) {
      auto done = call();
      if (!done) return done;
    }
    if (fails) return Error{ErrorCode::kTimeout, "no answer, as the test ordered"};
    return {};
  }

  io::ObjectStore& real_;
  std::mt19937_64 random_;
  unsigned puts_ = 0;
};

}  // namespace lynxdb::tests
