// transaction (4.5).
#include <map>
#include <set>

#include "tests/oracle/commands.h"
#include "tests/oracle/search.h"

namespace lynxdb::oracle {
namespace {

// An event and its place in the order of time.
struct Event {
  Row row;
  std::size_t number = 0;
};
using Events = std::vector<Event>;

struct Transaction {
  Events events;
  bool ended = false;  // By endswith.
};

std::int64_t time_of(const Row& row) { return row.read("_time").integer; }

bool fits(const spl2::TransactionCommand::Condition& condition, const Row& row,
          const Context& context) {
  if (condition.search != nullptr) return matches(*condition.search, row);
  return truth(evaluate(*condition.expr, row, context)).value_or(false);
}

bool breaks(const spl2::TransactionCommand& command, const Transaction& open, const Row& row) {
  if (command.maxspan_ns && time_of(row) - time_of(open.events.front().row) > *command.maxspan_ns)
    return true;
  if (command.maxpause_ns && time_of(row) - time_of(open.events.back().row) > *command.maxpause_ns)
    return true;
  return open.events.size() >= command.maxevents;
}

// The transactions of one key combination.
std::vector<Transaction> cut(const spl2::TransactionCommand& command, const Events& events,
                             const Context& context) {
  std::vector<Transaction> all;
  bool open = false;
  for (const Event& event : events) {
    const Row& row = event.row;
    const bool starts = command.startswith && fits(*command.startswith, row, context);
    if (open && (starts || breaks(command, all.back(), row))) {
      open = true;
      all.emplace_back();
    } else if (!open) {
      if (command.startswith && !starts) continue;
      open = true;
      all.emplace_back();
    }
    all.back().events.push_back(event);
    if (command.endswith && fits(*command.endswith, row, context)) {
      all.back().ended = true;
      open = false;
    }
  }
  return all;
}

// The value, or the list of the distinct ones.
Value distinct(const Events& events, const std::string& field) {
  std::vector<Value> values;
  std::set<std::string> seen;
  for (const Event& event : events)
    for (const Value& v : elements(event.row.read(field)))
      if (seen.insert(text_form(v)).second) values.push_back(v);
  return single(Value::of_list(values));
}

// `others`: every field of the input, by name.
Row row_of(const spl2::TransactionCommand& command, const Transaction& transaction,
           const std::set<std::string>& others) {
  const Events& events = transaction.events;
  Row row;
  row.ordered = true;
  const std::int64_t first = time_of(events.front().row);
  const std::int64_t last = time_of(events.back().row);
  row.set("_time", Value::of_time(first));
  row.set("duration", Value::of_float(static_cast<double>(last - first) / 1e9));
  row.set("eventcount", Value::of_int(static_cast<std::int64_t>(events.size())));
  row.set("earliest_time", Value::of_time(first));
  row.set("latest_time", Value::of_time(last));
  row.set("closed", Value::of_bool(transaction.ended || !command.endswith));
  for (const std::string& field : command.fields) row.set(field, events.front().row.read(field));
  std::string raw;
  for (const Event& event : events)
    raw += (raw.empty() ? "" : "\n") + text_form(event.row.read("_raw"));
  row.fields.push_back({"_raw", Value::of_string(raw), false});
  for (const std::string& field : others)
    if (row.find(field) == nullptr) row.fields.push_back({field, distinct(events, field), false});
  return row;
}

}  // namespace

Rows run(const spl2::TransactionCommand& command, const Rows& rows, const Context& context) {
  const auto earlier = [](const Row& a, const Row& b) { return time_of(a) < time_of(b); };
  std::set<std::string> fields;
  std::map<std::vector<std::string>, Events> groups;
  std::size_t number = 0;
  for (const Row& row : sorted(rows, earlier)) {
    std::vector<std::string> key;
    for (const std::string& field : command.fields) key.push_back(key_text(row.read(field)));
    groups[key].push_back({row, number++});
    for (const Field& field : row.fields) fields.insert(field.name);
  }
  // In the order of their first events.
  std::vector<std::pair<std::size_t, Transaction>> all;
  for (const auto& [key, events] : groups)
    for (const Transaction& transaction : cut(command, events, context))
      all.emplace_back(transaction.events.front().number, transaction);
  all = sorted(all, [](const auto& a, const auto& b) { return a.first < b.first; });
  Rows result;
  for (const auto& [place, transaction] : all)
    result.push_back(row_of(command, transaction, fields));
  return result;
}

}  // namespace lynxdb::oracle
