// Result<T>: a value or an Error, with std::expected's member names so that an alias can replace
// it. Unlike Debian 12's expected types it is [[nodiscard]]: a dropped failure does not compile.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace lynxdb::base {

template <typename T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {
  }  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // The value; a check fails when there is none.
  T& value() & {
    LYNXDB_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    LYNXDB_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    LYNXDB_CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & {
    LYNXDB_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    LYNXDB_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    LYNXDB_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { LYNXDB_CHECK(has_value()); }

  Error& error() & {
    LYNXDB_CHECK(!has_value());
    return *error_;
  }
  const Error& error() const& {
    LYNXDB_CHECK(!has_value());
    return *error_;
  }
  Error&& error() && {
    LYNXDB_CHECK(!has_value());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace lynxdb::base

namespace lynxdb {
using base::Error;
using base::ErrorCode;
using base::Result;
}  // namespace lynxdb

// TRY(expr): the value of a Result, or return its error from the enclosing function. May be nested.
#define TRY(...) LYNXDB_TRY_NAMED(LYNXDB_TRY_NAME(lynxdb_try_, __COUNTER__), __VA_ARGS__)
#define LYNXDB_TRY_NAME(prefix, number) LYNXDB_TRY_PASTE(prefix, number)
#define LYNXDB_TRY_PASTE(prefix, number) prefix##number
#define LYNXDB_TRY_NAMED(name, ...)     \
  ({                                    \
    auto name = (__VA_ARGS__);          \
    if (!name.has_value()) [[unlikely]] \
      return std::move(name).error();   \
    std::move(name).value();            \
  })
