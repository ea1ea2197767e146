#include "tests/oracle/event_generator.h"

#include <cmath>

namespace lynxdb::oracle {
namespace {

constexpr std::int64_t kStart = 1'768'471'200;  // 2026-01-15T10:00:00Z

// Builds one JSON object and the row that the engine should make of it (2.3).
class EventWriter {
 public:
  void add(const std::string& name, const Value& v) { add(name, name, v, json(v)); }

  // An object of scalars: fields name.key.
  void add_object(const std::string& name,
                  const std::vector<std::pair<std::string, Value>>& members) {
    std::string text = "{";
    for (const auto& [key, v] : members) {
      if (text.size() > 1) text += ',';
      text += json_string(key) + ":" + json(v);
      if (!v.is_null()) row_.fields.push_back({name + "." + key, v, false});
    }
    append(name, text + "}");
  }

  // An array of scalars as written: nulls are no elements, one element is itself.
  void add_array(const std::string& name, const std::vector<Value>& values) {
    std::string text = "[";
    for (const Value& v : values) text += (text.size() > 1 ? "," : "") + json(v);
    add(name, name, Value::of_list(values), text + "]");
  }

  void add_time(std::int64_t ns) { append("_time", json_string(text_form(Value::of_time(ns)))); }

  Row finish(std::int64_t time_ns) {
    text_ += "}";
    row_.fields.push_back({"_time", Value::of_time(time_ns), false});
    row_.fields.push_back({"_raw", Value::of_string(text_), false});
    row_.fields.push_back({"_source", Value::of_string("test.log"), false});
    row_.fields.push_back({"_sourcetype", Value::of_string("json"), false});
    row_.fields.push_back({"_index", Value::of_string("main"), false});
    return row_;
  }
  const std::string& text() const { return text_; }

 private:
  // JSON tells an int from a float by its dot.
  static std::string json(const Value& v) {
    std::string text = json_form(v);
    if (v.kind == Kind::kFloat && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
  }
  void add(const std::string& key, const std::string& field, const Value& v,
           const std::string& text) {
    append(key, text);
    row_.remove(field);  // Of two values under one name the last counts, null too.
    if (!v.is_null()) row_.fields.push_back({field, v, false});
  }
  void append(const std::string& key, const std::string& text) {
    text_ += (text_.size() > 1 ? "," : "") + json_string(key) + ":" + text;
  }

  Row row_;
  std::string text_ = "{";
};

Value text(const std::string& s) { return Value::of_string(s); }

Value status(Random& random) {
  const std::int64_t code = random.pick(std::vector<std::int64_t>{200, 200, 200, 404, 500, 503});
  if (random.chance(10)) return text(std::to_string(code));
  if (random.chance(5)) return Value::of_float(static_cast<double>(code));
  return Value::of_int(code);
}

Value milliseconds(Random& random) {
  if (random.chance(5)) return text(random.pick({"12", "n/a", "", " 7 ", "2.5"}));
  if (random.chance(50)) return Value::of_int(random.between(-3, 60));
  return Value::of_float(static_cast<double>(random.between(-40, 400)) / 8);
}

Value anything(Random& random) {
  switch (random.below(9)) {
    case 0:
      return Value::of_bool(random.chance(50));
    case 1:
      return Value::of_int(random.between(-2, 3));
    case 2:
      return Value::of_float(static_cast<double>(random.between(-6, 6)) / 4);
    case 3:
      return text(random.pick({"", "0", "1", "2", "1e2", "007", "+1", "1.50", "-2"}));
    case 4:
      return text(random.pick({"true", "FALSE", "null", "nan", "inf", "0x10", "1.", ".5"}));
    case 5:
      return text(random.pick({"a", "b", "B", "ab", "zoë", "日本", "a b", "a\"b", "a\\b"}));
    case 6:
      return Value::of_int(
          random.pick(std::vector<std::int64_t>{INT64_MAX, INT64_MIN, 9007199254740993, 100}));
    case 7:
      return Value::of_float(
          random.pick(std::vector<double>{1e21, 1e-7, 0.1, 123456.789, -0.0, 1e15}));
    default:
      return text("x" + std::to_string(random.between(0, 20)));
  }
}

std::vector<Value> tags(Random& random) {
  std::vector<Value> result;
  const std::size_t size = random.below(4);
  for (std::size_t i = 0; i < size; ++i) {
    if (random.chance(10))
      result.emplace_back();
    else if (random.chance(20))
      result.push_back(Value::of_int(random.between(1, 3)));
    else
      result.push_back(text(random.pick({"red", "green", "Blue", "2"})));
  }
  return result;
}

std::string message(Random& random) {
  switch (random.below(4)) {
    case 0:
      return "user=" + random.pick({"amy", "bob", "zoe"}) + " took " +
             std::to_string(random.between(1, 99)) + "ms";
    case 1:
      return "GET /api/" + random.pick({"users", "items"}) + " " +
             std::to_string(random.between(200, 204));
    case 2:
      return random.pick({"Connection refused", "connection reset by peer", "disk full: 100%"});
    default:
      return "step " + std::to_string(random.between(1, 9)) + " done";
  }
}

void add_fields(Random& random, std::int64_t number, EventWriter& event) {
  event.add("n", Value::of_int(number));
  if (random.chance(85))
    event.add("level", text(random.pick({"info", "info", "warn", "error", "ERROR", "Info"})));
  if (random.chance(80)) event.add("status", status(random));
  if (random.chance(80)) event.add("ms", milliseconds(random));
  if (random.chance(70))
    event.add("user", text(random.pick({"amy", "bob", "Bob", "zoë", "日本", "", "carl"})));
  if (random.chance(70)) event.add("mix", anything(random));
  if (random.chance(5)) event.add("mix", Value());
  if (random.chance(50)) event.add_array("tags", tags(random));
  if (random.chance(60))
    event.add("flag", random.chance(90) ? Value::of_bool(random.chance(50)) : text("true"));
  if (random.chance(50))
    event.add_object("obj",
                     {{"k", text(random.pick({"p", "q"}))},
                      {"v", random.chance(70) ? Value::of_int(random.between(0, 5)) : Value()}});
  if (random.chance(60)) event.add("msg", text(message(random)));
  if (random.chance(40))
    event.add("ip", text(random.pick({"10.0.0.1", "10.1.2.3", "192.168.1.9", "::1", "none"})));
  if (random.chance(50)) event.add("host", text(random.pick({"web-1", "web-2", "db-1"})));
}

}  // namespace

Events generate_events(Random& random, std::size_t count, std::int64_t now_ns) {
  Events events;
  std::int64_t at = kStart;
  for (std::size_t i = 0; i < count; ++i) {
    EventWriter event;
    std::int64_t time = now_ns;
    if (random.chance(95)) {
      at += random.chance(30) ? 0 : random.between(-200, 300);
      time = at * 1'000'000'000 + (random.chance(20) ? random.between(1, 999) * 1'000'000 : 0);
      event.add_time(time);
    }
    add_fields(random, static_cast<std::int64_t>(i), event);
    events.rows.push_back(event.finish(time));
    events.ndjson += event.text() + "\n";
  }
  return events;
}

}  // namespace lynxdb::oracle
