// Lets long work far below whoever waits for it end early, without a parameter through every call.
#pragma once

namespace lynxdb::base {

// While it lives, work of this thread asks `must_stop` whether it may stop. Scopes nest: the inner
// one is asked alone. `Asks` is callable as bool() const, outlives the scope and never throws.
class StopScope {
 public:
  template <typename Asks>
  explicit StopScope(const Asks& asks)
      : asks_([](const void* whom) { return (*static_cast<const Asks*>(whom))(); }),
        whom_(&asks),
        outer_(current()) {
    current() = this;
  }
  ~StopScope() { current() = outer_; }
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  friend bool must_stop();

  // The innermost scope of this thread.
  static const StopScope*& current() {
    static thread_local const StopScope* scope = nullptr;
    return scope;
  }

  bool (*asks_)(const void* whom);
  const void* whom_;
  const StopScope* outer_;
};

// Whether nobody waits for the work of this thread any more; false without a scope. For places that
// come by every few thousand rows: it is a look at the query each time.
inline bool must_stop() {
  const StopScope* const scope = StopScope::current();
  return scope != nullptr && scope->asks_(scope->whom_);
}

}  // namespace lynxdb::base
