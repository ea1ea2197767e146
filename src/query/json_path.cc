#include "query/json_path.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <utility>

namespace lynxdb::query {

using event::Value;

namespace {

namespace ondemand = simdjson::ondemand;

// Longer paths are refused: they bound the recursion below.
constexpr std::size_t kStepsMax = 64;

// Reads "[12]", "[-1]" or "[*]" at `at`; advances behind it.
std::optional<JsonPath::Step> bracket(std::string_view path, std::size_t& at) {
  const std::size_t close = path.find(']', at);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view inside = path.substr(at + 1, close - at - 1);
  at = close + 1;
  JsonPath::Step step;
  if (inside == "*") {
    step.kind = JsonPath::Step::Kind::kAll;
    return step;
  }
  step.kind = JsonPath::Step::Kind::kIndex;
  const auto [end, error] =
      std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
  if (inside.empty() || error != std::errc{} || end != inside.data() + inside.size())
    return std::nullopt;
  return step;
}

// A parser and a padded copy of the text, kept per thread: documents come by the million.
struct Scratch {
  ondemand::parser parser;
  std::vector<char> padded;
};

Scratch& scratch() {
  thread_local Scratch instance;
  return instance;
}

// Follows one path through one document and collects what is there.
class Walk {
 public:
  explicit Walk(const std::vector<JsonPath::Step>& steps) : steps_(steps) {}

  // False when the document is damaged where the path leads.
  bool from(ondemand::value value, std::size_t step) {
    if (step == steps_.size()) return add(value);
    const JsonPath::Step& next = steps_[step];
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == ondemand::json_type::object && next.kind == JsonPath::Step::Kind::kKey) {
      ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return false;
      return from_object(object, step);
    }
    if (type != ondemand::json_type::array) return true;
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    return from_array(array, step);
  }

  Value result() && {
    if (fans_out_) return Value::list(std::move(values_));
    return values_.empty() ? Value() : std::move(values_.front());
  }

 private:
  bool from_object(ondemand::object& object, std::size_t step) {
    ondemand::value member;
    const auto error = object.find_field(steps_[step].key).get(member);
    if (error == simdjson::NO_SUCH_FIELD) return true;
    return error == simdjson::SUCCESS && from(member, step + 1);
  }

  bool from_array(ondemand::array& array, std::size_t step) {
    const JsonPath::Step& next = steps_[step];
    if (next.kind == JsonPath::Step::Kind::kIndex) return from_element(array, step);
    fans_out_ = true;
    for (auto element : array) {
      ondemand::value value;
      if (element.get(value) != simdjson::SUCCESS) return false;
      if (next.kind == JsonPath::Step::Kind::kAll) {
        if (!from(value, step + 1)) return false;
        continue;
      }
      // A key is looked up in the elements that are objects, not in arrays of arrays.
      ondemand::object object;
      if (value.get_object().get(object) == simdjson::SUCCESS && !from_object(object, step))
        return false;
    }
    return true;
  }

  bool from_element(ondemand::array& array, std::size_t step) {
    std::int64_t index = steps_[step].index;
    if (index < 0) {
      std::size_t size = 0;
      if (array.count_elements().get(size) != simdjson::SUCCESS) return false;
      index += static_cast<std::int64_t>(size);
      if (index < 0) return true;
    }
    ondemand::value element;
    const auto error = array.at(static_cast<std::size_t>(index)).get(element);
    if (error == simdjson::INDEX_OUT_OF_BOUNDS) return true;
    return error == simdjson::SUCCESS && from(element, step + 1);
  }

  bool add(ondemand::value value) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == ondemand::json_type::object) {
      std::string_view text;
      ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return false;
      if (object.raw_json().get(text) != simdjson::SUCCESS) return false;
      values_.push_back(Value::string(std::string(text)));
      return true;
    }
    if (type == ondemand::json_type::array) return add_array(value);
    return add_scalar(value, type, values_);
  }

  bool add_array(ondemand::value value) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    std::string_view text;
    if (array.raw_json().get(text) != simdjson::SUCCESS) return false;
    if (array.reset().error() != simdjson::SUCCESS) return false;
    std::vector<Value> scalars;
    for (auto element : array) {
      ondemand::value one;
      ondemand::json_type type{};
      if (element.get(one) != simdjson::SUCCESS) return false;
      if (one.type().get(type) != simdjson::SUCCESS) return false;
      if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
        values_.push_back(Value::string(std::string(text)));
        return true;
      }
      if (!add_scalar(one, type, scalars)) return false;
    }
    values_.push_back(Value::list(std::move(scalars)));
    return true;
  }

  static bool add_scalar(ondemand::value value, ondemand::json_type type, std::vector<Value>& out) {
    switch (type) {
      case ondemand::json_type::number: {
        const std::optional<event::ValueView> number = event::parse_number(value.raw_json_token());
        if (!number) return false;
        out.push_back(number->to_value());
        return true;
      }
      case ondemand::json_type::string: {
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS) return false;
        out.push_back(Value::string(std::string(text)));
        return true;
      }
      case ondemand::json_type::boolean: {
        bool truth = false;
        if (value.get_bool().get(truth) != simdjson::SUCCESS) return false;
        out.push_back(Value::boolean(truth));
        return true;
      }
      default:
        return true;
    }
  }

  const std::vector<JsonPath::Step>& steps_;
  std::vector<Value> values_;
  bool fans_out_ = false;
};

}  // namespace

std::optional<JsonPath> JsonPath::parse(std::string_view path) {
  JsonPath result;
  std::size_t at = 0;
  while (at < path.size()) {
    if (result.steps_.size() == kStepsMax) return std::nullopt;
    if (path[at] == '[') {
      std::optional<Step> step = bracket(path, at);
      if (!step) return std::nullopt;
      result.steps_.push_back(*std::move(step));
    } else {
      if (path[at] == '.') {
        if (result.steps_.empty()) return std::nullopt;
        ++at;
      } else if (!result.steps_.empty()) {
        return std::nullopt;  // "a[0]b"
      }
      const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
      if (end == at) return std::nullopt;
      result.steps_.push_back({Step::Kind::kKey, std::string(path.substr(at, end - at)), 0});
      at = end;
    }
  }
  return result;
}

Value JsonPath::extract(std::string_view json) const {
  if (!looks_like_json(json)) return {};
  Scratch& own = scratch();
  if (own.padded.size() < json.size() + simdjson::SIMDJSON_PADDING)
    own.padded.resize(json.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(own.padded.data(), json.data(), json.size());

  ondemand::document document;
  if (own.parser.iterate(own.padded.data(), json.size(), own.padded.size()).get(document) !=
      simdjson::SUCCESS)
    return {};
  ondemand::value root;
  if (document.get_value().get(root) != simdjson::SUCCESS) return {};
  Walk walk(steps_);
  if (!walk.from(root, 0)) return {};
  return std::move(walk).result();
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

}  // namespace lynxdb::query
