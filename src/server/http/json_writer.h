// JSON text, written piece by piece; commas are put where they belong.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "event/value.h"

namespace lynxdb::server {

// Appends to a string that must outlive it. Names and values must alternate inside objects.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& name(std::string_view text) {
    separate();
    event::append_json_string(text, out_);
    out_ += ':';
    needs_comma_ = false;
    return *this;
  }

  JsonWriter& string(std::string_view text) {
    separate();
    event::append_json_string(text, out_);
    return *this;
  }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  template <std::integral T>
  JsonWriter& number(T value) {
    return raw(std::to_string(value));
  }
  JsonWriter& number(double value) { return this->value(event::ValueView::floating(value)); }
  JsonWriter& value(event::ValueView value) {
    separate();
    event::append_json(value, out_);
    return *this;
  }
  // JSON text that is written already.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }

  template <typename T>
  JsonWriter& member(std::string_view key, const T& value) {
    name(key);
    if constexpr (std::same_as<T, bool>) {
      return boolean(value);
    } else if constexpr (std::integral<T> || std::floating_point<T>) {
      return number(value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return string(value);
    } else {
      return this->value(value);
    }
  }

 private:
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
    return *this;
  }
  void separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace lynxdb::server
